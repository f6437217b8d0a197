"""Decisions with 200 policies, and a million of them beside a second, independent evaluator."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

from benchmarks.measured import Measured
from countersign.ground.identity import Policy
from countersign.ground.identity.rules import FOLDER, read

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.append(str(TESTS))

from ground.identity.evaluator import may  # noqa: E402 - lies with the tests
from ground.identity.requests import a_principal, an_action, some_facts  # noqa: E402

COMPARED = 1_000_000
POLICIES = 200
EACH = 50
"""Requests of one principal before the next one asks, as in a session."""

PROCESSES = 2
RULES = (
    'forbid (principal is Person in Role::"nurse", action == Action::"draft_read",'
    ' resource is Record) when {{ resource.kind like "{room}.*" &&'
    ' principal.departments.contains("{place}") && !principal.licences.contains("nurse") }};',
    'permit (principal is Person in Role::"clinical", action == Action::"signed_read",'
    ' resource is Record) when {{ resource has patient && resource.kind like "{room}.*" &&'
    ' resource.departments.contains("{place}") && principal.departments.contains("{place}") }};',
    'forbid (principal is Client, action in Action::"record_write", resource is Record)'
    ' when {{ resource.departments.contains("{place}") && resource.kind == "{room}" }};',
)
"""What a hospital adds: rules for single wards and rooms, of which none exists in the requests."""


def measure(_data: Path | None) -> Measured:
    """The rules of the product, padded to 200; every decision is computed, none remembered."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        policies = _padded(Path(folder) / "policies")
        taken = _timed(_policy(policies))
        whole = _timed(_all_tried(_policy(policies)))
        share = COMPARED // PROCESSES
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(_compare, [policies] * PROCESSES, range(PROCESSES),
                                  [share] * PROCESSES))  # fmt: skip
    compared = sum(one[0] for one in found)
    disagreements = sum(one[1] for one in found)
    fired = {rule for one in found for rule in one[2]}
    own = {rule.id for rule in read(FOLDER).rules}
    p50, p99 = _parts([one[0] for one in taken])
    clock50, clock99 = _parts([one[1] for one in taken])
    whole50, whole99 = _parts([one[0] for one in whole])
    return Measured(
        columns=("figure", "value"),
        rows=[
            ("policies", POLICIES),
            ("decision, p50 ms of processor time", p50),
            ("decision, p99 ms of processor time", p99),
            ("decision, p50 ms by the clock", clock50),
            ("decision, p99 ms by the clock", clock99),
            ("the same with every policy tried, p50 ms of processor time", whole50),
            ("the same with every policy tried, p99 ms of processor time", whole99),
            ("compared with the second evaluator", compared),
            ("disagreements", disagreements),
            ("rules of the product that decided something", f"{len(fired & own)} of {len(own)}"),
        ],
        figures={
            "p99_ms": round(p99, 3),
            "compared": compared,
            "disagreements": disagreements,
            "p50_ms": round(p50, 3),
            "clock_p99_ms": round(clock99, 3),
            "whole_p99_ms": round(whole99, 3),
            "policies": POLICIES,
        },
        notes=[
            "p99_ms is processor time of the deciding thread: by the clock, whatever else runs on"
            " the machine is measured too",
            "no answer is remembered from one request to the next; a decision tries the policies"
            " whose head can fit it, and in the rows below all of them",
            f"a principal asks {EACH} times, as within a session; its first question includes"
            " handing the person to the engine",
            "the peer is the second evaluator in tests/ground/identity, written from the rules'"
            " prose; it decides the same requests without Cedar",
        ],
    )


def _parts(seconds: list[float]) -> tuple[float, float]:
    """The milliseconds that half, and 99 of 100, did not exceed."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000


def _padded(folder: Path) -> Path:
    shutil.copytree(FOLDER, folder)
    lacking = POLICIES - len(read(FOLDER).rules)
    rules = [
        f'@id("local-{number}")\n@en("A rule of ward {number}.")\n@zh("病区规则 {number}。")\n'
        + RULES[number % len(RULES)].format(place=f"ward-{number}", room=f"room-{number}")
        for number in range(lacking)
    ]
    (folder / "local.cedar").write_text("\n\n".join(rules), encoding="utf-8")
    assert len(read(folder).rules) == POLICIES
    return folder


def _policy(folder: Path) -> Policy:
    return Policy(None, folder)  # pyright: ignore[reportArgumentType] - deciding records nothing


def _all_tried(policy: Policy) -> Policy:
    """The same policy without leaving out what cannot decide."""
    policy._slices.of = lambda kind, action, held: policy._book.policies  # type: ignore[method-assign]
    return policy


def _timed(policy: Policy, principals: int = 400) -> list[tuple[float, float]]:
    """Seconds of processor time and of the clock of each decision."""
    chance = Random(1)
    found: list[tuple[float, float]] = []
    for _ in range(principals):
        principal = a_principal(chance)
        for _ in range(EACH):
            action, facts = an_action(chance, principal), some_facts(chance)
            clock, started = time.perf_counter(), time.thread_time()
            policy._evaluate(principal, action, facts)
            found.append((time.thread_time() - started, time.perf_counter() - clock))
    return found


def _compare(folder: Path, seed: int, wanted: int) -> tuple[int, int, set[str]]:
    """How many were compared, how many differed, and which rules decided."""
    policy, chance = _policy(folder), Random(20261122 + seed)
    differing = 0
    fired: set[str] = set()
    for _ in range(wanted // EACH):
        principal = a_principal(chance)
        for _ in range(EACH):
            action, facts = an_action(chance, principal), some_facts(chance)
            decision = policy._evaluate(principal, action, facts)
            fired.update(decision.reasons)
            differing += decision.allowed != may(principal, action, facts)
    return wanted // EACH * EACH, differing, fired
