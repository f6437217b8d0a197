"""What the gateway adds to a stream, beside asking the same server directly, 64 at a time."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import httpx2
import openai

from benchmarks.language_ward import FaultServer, Ward, language_ward
from benchmarks.measured import Measured

STREAMS = 64
RATE = 40
"""Tokens a second of one stream: what vLLM gives 64 streams of a model of 14 to 32 billion
parameters on one large card."""

TOKENS = 200
ROUNDS = 3
SECONDS = 24.0
SATURATED = 8.0
CHART = "血钾 6.8 mmol/L, 肌酐 220 µmol/L. " * 60

Ask = Callable[[str, int], Iterator[str]]
"""Streams the pieces of one answer of a model, with at most so many tokens."""


@dataclass
class Heard:
    """What one way was seen to do: seconds to the first word, and words in so many seconds."""

    first: list[float] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0
    wrong: int = 0

    @property
    def rate(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0


def measure(_data: Path | None, rounds: int = ROUNDS, seconds: float = SECONDS) -> Measured:
    """Each way in its turn, in an order that turns round, on one server process."""
    with language_ward() as (ward, faulty):
        ward.connect("bench", faulty.address, slots=STREAMS)
        models = {"paced": f"pace-{RATE}", "saturated": "flat-200"}
        ways: dict[str, Ask] = {
            "gateway": through(ward),
            "httpx": directly(faulty),
            "openai": by_openai(faulty),
        }
        heard = {(mode, name): Heard() for mode in models for name in ways}
        for turn in range(rounds):
            for mode, model in models.items():
                ward.assign(("bench", model), seconds=60.0)
                span = seconds if mode == "paced" else SATURATED
                for name in _turned(list(ways), turn):
                    load(ways[name], model, span, heard[mode, name])
    return _told(heard)


def _told(heard: dict[tuple[str, str], Heard]) -> Measured:
    def p95(mode: str, name: str) -> float:
        return part(heard[mode, name].first, 0.95) * 1000

    ours, plain = heard["paced", "gateway"], heard["paced", "httpx"]
    full, empty = heard["saturated", "gateway"], heard["saturated", "httpx"]
    return Measured(
        columns=("load", "way", "first word p50 ms", "p95 ms", "words/s", "answers", "wrong"),
        rows=[
            (mode, name, part(one.first, 0.5) * 1000, part(one.first, 0.95) * 1000, one.rate,
             len(one.first), one.wrong)
            for (mode, name), one in heard.items()
        ],
        figures={
            "added_p95_ms": round(p95("paced", "gateway") - p95("paced", "httpx"), 2),
            "throughput_loss": round(1 - ours.rate / plain.rate, 4),
            "beside_openai_p95_ms": round(p95("paced", "gateway") - p95("paced", "openai"), 2),
            "beside_openai_throughput_loss": round(
                1 - ours.rate / heard["paced", "openai"].rate, 4
            ),
            "saturated_throughput_loss": round(1 - full.rate / empty.rate, 4),
            "streams": STREAMS,
        },
        notes=(
            f"{STREAMS} threads, each asks again when its answer is whole; {TOKENS} words at "
            f"{RATE} a second after 0.1 s, so that the server is not what is measured; the three "
            "ways take turns on the same server process and the same two cores",
            "through the gateway each answer has waited for its place in the queue of PostgreSQL, "
            "its receipt in the ledger before the first word, and its record at the end",
            "saturated: a server that says its words as fast as it can, so that what is measured "
            "is the processor time of client and server together",
        ),
    )  # fmt: skip


def load(ask: Ask, model: str, seconds: float, heard: Heard) -> None:
    """``STREAMS`` threads ask in a loop; answers that began in the span count, words in it."""
    begun = time.perf_counter()
    end = begun + seconds
    lock = threading.Lock()

    def one(number: int) -> None:
        time.sleep(random.Random(number).uniform(0, min(2.0, seconds / 4)))
        while (asked := time.perf_counter()) < end:
            first, words, whole = None, 0, True
            try:
                for _ in ask(model, TOKENS):
                    now = time.perf_counter()
                    first = first or now - asked
                    words += now < end
            except Exception:
                whole = False
                raise
            finally:
                with lock:
                    heard.tokens += words
                    heard.wrong += not whole
                    if first is not None:
                        heard.first.append(first)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard.seconds += seconds


def through(ward: Ward) -> Ask:
    """The gateway, with everything that it does."""

    def ask(model: str, tokens: int) -> Iterator[str]:
        prompt = replace(ward.prose, tokens=tokens)
        with ward.gateway.stream(ward.asked(prompt, CHART, seconds=60.0)) as stream:
            yield from stream
            assert stream.said.tokens_out == tokens

    return ask


def directly(faulty: FaultServer) -> Ask:
    """httpx alone, reading events by line."""
    client = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=None), trust_env=False)

    def ask(model: str, tokens: int) -> Iterator[str]:
        with client.stream(
            "POST", f"{faulty.address}/chat/completions", json=_body(model, tokens)
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        yield choices[0]["delta"]["content"]

    return ask


def by_openai(faulty: FaultServer) -> Ask:
    """The ``openai`` package as it comes."""
    client = openai.OpenAI(
        base_url=faulty.address,
        api_key="none",
        http_client=httpx2.Client(timeout=60, limits=httpx2.Limits(max_connections=None)),
    )

    def ask(model: str, tokens: int) -> Iterator[str]:
        for chunk in client.chat.completions.create(**_body(model, tokens)):
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content

    return ask


def _body(model: str, tokens: int) -> dict[str, object]:
    messages = [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": CHART},
    ]
    return {
        "model": model, "messages": messages, "stream": True, "max_tokens": tokens,
        "stream_options": {"include_usage": True}, "temperature": 0.0,
    }  # fmt: skip


def _turned(names: list[str], turn: int) -> list[str]:
    at = turn % len(names)
    return names[at:] + names[:at]


def part(values: list[float], share: float) -> float:
    """The value that this share does not exceed."""
    return sorted(values)[int(share * (len(values) - 1))] if values else float("nan")
