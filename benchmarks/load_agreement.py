"""Our load generator beside guidellm on one server: what each says of it, and how far apart."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured, Unmeasurable
from countersign.ground.egress import Egress, places
from countersign.kit.clock import utc_now
from countersign.rooms.modelbench.domain.load import Closed, Gamma, LoadPlan, LoadRequest, Target
from countersign.rooms.modelbench.inference.load import LoadGenerator
from tools.serving import apart
from tools.serving.running import NotInstalled, Running, run_llama_server
from tools.serving.tiny_model import tiny_model

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from llm.server import fault_server  # noqa: E402 - lies with the tests

ROUNDS, REQUESTS, RATE, SLOTS, WORDS = 3, 120, 1.5, 16, 12
SHORTEST, LONGEST = 24, 72
MANY, PACE, PACED_TOKENS = 64, 20, 100
FIGURES = ("TTFT p50 ms", "TPOT mean ms, by token", "output tokens/s", "requests/s")
VOCABULARY = (
    "potassium", "kidney", "fever", "cough", "ward", "night", "chart", "dose", "signed", "draft",
)  # fmt: skip
Asked = Sequence[tuple[str, int]]
"""Prompts, and how many tokens each answer has."""


@dataclass(frozen=True)
class Seen:
    """What one tool said of one load, in the order of ``FIGURES``."""

    figures: tuple[float, ...]


def measure(_data: Path | None) -> Measured:
    """llama.cpp's server with a small model of chance, asked by both tools at the same time.

    On a machine with other work a server's speed changes from one minute to the next by more than
    what is to be seen; what both meet at once is the same for both.
    """
    if apart.program("guidellm") is None:
        raise Unmeasurable("The peer is not here: run `python -m tools.serving.apart guidellm`.")
    said: dict[str, list[Seen]] = {"ours": [], "guidellm": []}
    chance = random.Random(20261126)
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as made:
        folder = Path(made)
        try:
            with run_llama_server(folder, slots=SLOTS, size="small") as server:
                for _ in range(ROUNDS):
                    lengths = [chance.randint(SHORTEST, LONGEST) for _ in range(REQUESTS)]
                    peer = start_guidellm(server, prompts(chance, lengths), folder)
                    await_work(server, peer)
                    said["ours"].append(ours(server, prompts(chance, lengths)))
                    said["guidellm"].append(end_guidellm(peer, folder))
        except NotInstalled as command:
            raise Unmeasurable(f"The server is not here: run `{command}`.") from None
    return _compared(said, *paced())


def _compared(said: dict[str, list[Seen]], steady: Seen, cost: float) -> Measured:
    middle = {
        name: [statistics.median(column) for column in zip(*(s.figures for s in seen), strict=True)]
        for name, seen in said.items()
    }
    apart_by = [
        abs(one - other) / other
        for one, other in zip(middle["ours"], middle["guidellm"], strict=True)
    ]
    names = ("ttft", "tpot", "output_throughput", "request_throughput")
    each = {f"{name}_difference": round(x, 4) for name, x in zip(names, apart_by, strict=True)}
    rounds = [
        (f"{name}, round {number}", *one.figures)
        for name, seen in said.items()
        for number, one in enumerate(seen, 1)
    ]
    medians = [(f"{name}, median", *values) for name, values in middle.items()]
    return Measured(
        columns=("tool", *FIGURES),
        rows=[
            *rounds,
            *medians,
            ("relative difference", *apart_by),
            (f"ours, {MANY} streams of {PACE} tokens/s", *steady.figures),
        ],
        figures={
            "difference": round(max(apart_by), 4),
            **each,
            "paced_tpot_difference": round(steady.figures[1] * PACE / 1000 - 1, 4),
            "client_ms_per_token": round(cost, 3),
        },
        notes=(
            f"in each round each tool sends {REQUESTS} requests of {WORDS} words, for answers of "
            f"{SHORTEST} to {LONGEST} tokens, {RATE} a second, at the same time as the other; "
            f"the medians of {ROUNDS} rounds are compared",
            "guidellm's figures are those of its own report; what it calls inter-token latency is "
            "the TPOT of vLLM's tool, weighted by tokens, and is so computed for ours here",
            "the last row is our own fault: a server that writes one token each "
            f"{1000 // PACE} ms, the first after 100 ms, to whoever asks; client_ms_per_token is "
            "processor time",
        ),
    )


def prompts(chance: random.Random, lengths: Sequence[int]) -> list[tuple[str, int]]:
    """New ones for each load: what a server has read before it answers sooner.

    Answers of unequal length keep the streams from moving in step.
    """
    return [
        (" ".join([str(chance.randrange(10**6)), *chance.choices(VOCABULARY, k=WORDS)]), length)
        for length in lengths
    ]


def await_work(server: Running, peer: subprocess.Popen[str]) -> None:
    """Until the peer, which takes long to start, has sent its first requests."""
    slots = f"{server.url.removesuffix('/v1')}/slots"
    while peer.poll() is None:
        with urllib.request.urlopen(slots, timeout=10) as answer:
            if any(slot["is_processing"] for slot in json.load(answer)):
                return
        time.sleep(0.02)


def ours(server: Running, asked: Asked) -> Seen:
    """Our own generator, over egress as in the product."""
    egress = Egress(places(["127.0.0.1"]))
    requests = tuple(LoadRequest(text, tokens) for text, tokens in asked)
    # Not quite evenly, so that one tool is not always the same moment behind the other.
    plan = LoadPlan(Gamma(RATE, 4.0), requests, count=REQUESTS)
    found = LoadGenerator(egress).run(plan, Target(server.url, server.model), utc_now)
    egress.close()
    told, samples = found.metrics, found.samples
    assert told.completed == REQUESTS, "not every request was answered"
    assert told.tokens_out == sum(tokens for _, tokens in asked), "an answer was cut short"
    between = sum(one.parts[-1] - one.parts[0] for one in samples)
    return Seen(
        (
            told.ttft.p50 * 1000,
            between / (told.tokens_out - REQUESTS) * 1000,
            told.output_throughput,
            told.request_throughput,
        )
    )


def paced() -> tuple[Seen, float]:
    """What we say of a server whose pace is known, and our processor time for a token in ms."""
    egress = Egress(places(["127.0.0.1"]))
    plan = LoadPlan(Closed(MANY), (LoadRequest("Go on.", PACED_TOKENS),), count=MANY * 2)
    with fault_server() as server:
        target = Target(server.address, f"pace-{PACE}")
        found = LoadGenerator(egress).run(plan, target, utc_now)
    egress.close()
    told = found.metrics
    assert told.completed == plan.count, "not every request was answered"
    parts = sum(len(one.parts) for one in found.samples)
    figures = (
        told.ttft.p50 * 1000,
        told.tpot.mean * 1000,
        told.output_throughput,
        told.request_throughput,
    )
    return Seen(figures), found.processor_seconds / parts * 1000


def start_guidellm(server: Running, asked: Asked, folder: Path) -> subprocess.Popen[str]:
    """The peer by its own command line."""
    data = folder / "prompts.jsonl"
    rows = [{"prompt": text, "output_tokens_count": tokens} for text, tokens in asked]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    root = server.url.removesuffix("/v1")
    command = [
        str(apart.program("guidellm")), "run", "--disable-console",
        "--backend", f"kind=openai_http,target={root},model={server.model}",
        "--profile", f"kind=constant,rate={RATE}",
        "--constraint", f"kind=max_requests,count={REQUESTS}",
        "--tokenizer", f"kind=huggingface_auto,model={tiny_model()}",
        "--data", f"kind=json_file,path={data}",
        "--output", f"kind=json,path={folder / 'report.json'}",
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def end_guidellm(peer: subprocess.Popen[str], folder: Path) -> Seen:
    """What the peer's own report says."""
    _, told = peer.communicate()
    if peer.returncode:
        raise Unmeasurable(f"guidellm failed: {told[-1000:]}")
    (benchmark,) = json.loads((folder / "report.json").read_text())["benchmarks"]
    found = benchmark["metrics"]
    assert found["request_totals"]["successful"] == REQUESTS, "not every request was answered"

    def figure(name: str, which: str) -> float:
        told: dict[str, Any] = found[name]["successful"]
        return float(told[which])

    return Seen(
        (
            figure("time_to_first_token_ms", "median"),
            figure("inter_token_latency_ms", "mean"),
            figure("output_tokens_per_second", "mean"),
            figure("requests_per_second", "mean"),
        )
    )
