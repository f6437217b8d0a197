"""A server killed, hung, lying about JSON or slow to the second, before 64 that ask at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.language_ward import FaultServer, Ward, fault_server, language_ward
from benchmarks.measured import Measured
from countersign.ground.models import AnswerUnfinished, Asked, ModelsAway
from countersign.kit.errors import CountersignError

STREAMS = 64
SECONDS = 6.0
"""What each asking may take; a page of a physician waits no longer."""

LATE = 1.0
"""Seconds past the deadline that count as past it: 64 threads share two cores."""

WORDS = 20
PROSE = "prose"
FORM = "form"


@dataclass(frozen=True)
class Fault:
    """What is wrong with the first choice, what is asked of it, and whether the second helps."""

    model: str
    asked: str
    killed: bool = False
    spare: bool = True


FAULTS = {
    "killed while it answers": Fault("pace-4", PROSE, killed=True),
    "hung before the first word": Fault("hang", PROSE),
    "hung after three words": Fault("hang-3", PROSE),
    "slow to the second": Fault("slow-1", PROSE),
    "cut off": Fault("cut-3", PROSE),
    "half JSON, said to be whole": Fault("half-json", FORM),
    "JSON cut at its length": Fault("length", FORM),
    "prose instead of JSON": Fault("ignores-schema", FORM),
    "too many requests": Fault("busy-9", PROSE),
    "failing": Fault("fail", PROSE),
    "hung, and nobody else is assigned": Fault("hang", PROSE, spare=False),
    "half JSON, and nobody else is assigned": Fault("half-json", FORM, spare=False),
}


@dataclass
class Outcome:
    """What became of 64 askings, by ``ask`` and by ``stream``."""

    whole: int = 0
    refused: int = 0
    unfinished: int = 0
    late: int = 0
    half: int = 0
    unnamed: int = 0
    longest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure(_data: Path | None, streams: int = STREAMS) -> Measured:
    """Each fault in its turn, half of the askings whole and half as streams."""
    outcomes: dict[str, Outcome] = {}
    with language_ward() as (ward, faulty):
        ward.connect("spare", faulty.address, slots=4 * streams)
        for name, fault in FAULTS.items():
            with fault_server() as sick:
                ward.begin()
                ward.connect("sick", sick.address, slots=4 * streams)
                outcomes[name] = _under(ward, sick, fault, streams)
        named = ward.gateway.calls.settle()
    assert named, "every record was written"
    return Measured(
        columns=("the first choice is", "whole", "refused", "left unfinished", "past deadline",
                 "half as whole", "fall-back unnamed", "longest s"),
        rows=[
            (name, one.whole, one.refused, one.unfinished, one.late, one.half, one.unnamed,
             one.longest)
            for name, one in outcomes.items()
        ],
        figures={
            "past_deadline": sum(one.late for one in outcomes.values()),
            "half_as_whole": sum(one.half for one in outcomes.values()),
            "fall_back_unnamed": sum(one.unnamed for one in outcomes.values()),
            "asked": sum(one.whole + one.refused + one.unfinished for one in outcomes.values()),
            "longest_past_s": round(
                max(max(0.0, one.longest - SECONDS) for one in outcomes.values()), 2
            ),
        },
        notes=(
            f"{streams} threads ask at once, each within {SECONDS:.0f} s; past the deadline counts "
            f"from {LATE:.0f} s beyond it; longest_past_s says how far beyond it the last was",
            "whole: given out as whole, by the right model or by the fall-back, which is named; "
            "refused: an error said that there is no answer; left unfinished: some of it was "
            "shown as it came, and the stream said that it is not whole",
            "two cores for 64 askings, the gateway, PostgreSQL and two servers",
        ),
    )  # fmt: skip


def _under(ward: Ward, sick: FaultServer, fault: Fault, streams: int) -> Outcome:
    spare = "json" if fault.asked == FORM else f"pace-{4 * WORDS}"
    chain = [("sick", fault.model), *([("spare", spare)] if fault.spare else [])]
    ward.assign(*chain, seconds=60.0)
    prompt = replace(ward.form if fault.asked == FORM else ward.prose, tokens=WORDS)
    outcome = Outcome()
    ways: list[Callable[[Ward, Asked, Fault, Outcome], None]] = [_ask, _stream]
    threads = [
        threading.Thread(
            target=ways[number % 2],
            args=(ward, ward.asked(prompt, seconds=SECONDS), fault, outcome),
        )
        for number in range(streams)
    ]
    for thread in threads:
        thread.start()
    if fault.killed:
        time.sleep(1.5)
        sick.kill()
    for thread in threads:
        thread.join()
    return outcome


def _ask(ward: Ward, asked: Asked, fault: Fault, outcome: Outcome) -> None:
    begun = time.monotonic()
    try:
        said = ward.gateway.ask(asked)
    except ModelsAway:
        _ended(outcome, begun, "refused")
        return
    _judge(outcome, begun, fault, said.text, said.value, bool(said.passed_over), said.server)


def _stream(ward: Ward, asked: Asked, fault: Fault, outcome: Outcome) -> None:
    begun = time.monotonic()
    pieces: list[str] = []
    with ward.gateway.stream(asked) as stream:
        try:
            pieces.extend(stream)
            said = stream.said
        except (ModelsAway, AnswerUnfinished) as problem:
            assert isinstance(problem, CountersignError)
            _ended(outcome, begun, "unfinished" if pieces else "refused")
            return
    text = "".join(pieces)
    _judge(outcome, begun, fault, text, said.value, bool(said.passed_over), said.server)


def _judge(
    outcome: Outcome, begun: float, fault: Fault, text: str, value: object, named: bool, who: str
) -> None:
    """A whole answer has the form or all the words that were asked for."""
    good = value == {"answer": "x", "sure": 0} if fault.asked == FORM else _whole(text)
    with outcome.lock:
        outcome.half += not good
        outcome.unnamed += who == "spare" and not named
    _ended(outcome, begun, "whole")


def _whole(text: str) -> bool:
    return len(text.split()) == WORDS


def _ended(outcome: Outcome, begun: float, how: str) -> None:
    took = time.monotonic() - begun
    with outcome.lock:
        setattr(outcome, how, getattr(outcome, how) + 1)
        outcome.longest = max(outcome.longest, took)
        outcome.late += took > SECONDS + LATE
