"""Who of 2,000 staff may see one patient, and why: all together, beside one decision each."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from benchmarks.measured import Measured
from countersign.ground.db import Database, EmbeddedPostgres, migrate
from countersign.ground.identity import Action, Principal, Purpose, Role

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from building import PATIENT, Building  # noqa: E402 - lies with the tests
from countersign.rooms.audit.service import Sights, arranged  # noqa: E402

STAFF = 2_000
DEPARTMENTS = 20
ROUNDS = 7
AUDITOR = Principal("auditor", "A", "person", frozenset({Role.AUDITOR}), purpose=Purpose.OVERSIGHT)
ROLES = ("physician", "senior_physician", "nurse", "nurse", "pharmacist", "administrator")


def measure(_data: Path | None) -> Measured:
    """The whole answer of the page: rights read, policy asked, ledger counted, look recorded."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        database = Database(server.conninfo, b"benchmark")
        building = Building(database, Path(folder) / "home")
        _fill(server.conninfo)
        sights = Sights(building.floor)
        sight = sights.of(AUDITOR, PATIENT)
        whole = _timed(lambda: sights.of(AUDITOR, PATIENT))
        asked = _asked(building)
        together = _timed(lambda: building.floor.policy.decide_all(asked, Action.CHART_READ))
        single = _timed(lambda: _one_by_one(building, asked))
        building.close()
        database.close()
        server.stop()
    seeing = len(arranged(sight, "may", "", "name"))
    return Measured(
        columns=("figure", "median s", "worst s"),
        rows=[
            ("the page's whole answer", *whole),
            (f"the policy for {len(asked):,} people, together", *together),
            ("peer: one decision after the other", *single),
        ],
        figures={
            "staff": sight.asked,
            "may_see": seeing,
            "seconds": round(whole[0], 3),
            "decisions_s": round(together[0], 3),
            "peer_s": round(single[0], 3),
        },
        notes=[
            f"{STAFF:,} people with accounts in {DEPARTMENTS} departments beside the few of the"
            " house; one in six reads no charts and is not asked about; without drawing the page",
        ],
    )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    taken: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), max(taken)


def _asked(building: Building) -> list[tuple[Principal, Any]]:
    facts = building.floor.chart.named(PATIENT)
    standings = building.floor.standings.everyone(building.floor.clock())
    return [
        (one.principal, facts) for one in standings if one.principal.purpose is Purpose.TREATMENT
    ]


def _one_by_one(building: Building, asked: list[tuple[Principal, Any]]) -> None:
    building.floor.policy._asking.cache_clear()
    for principal, facts in asked:
        building.floor.policy._evaluate(principal, Action.CHART_READ, facts)


def _fill(owner: str) -> None:
    """People with accounts, roles, a licence or none, and a department or two."""
    chance = Random(20261125)
    places = ["cardiology", "surgery", *(f"ward-{n}" for n in range(DEPARTMENTS - 2))]
    with psycopg.connect(owner) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into identity.department (code, name_en, name_zh, added_at)"
            " values (%s, %s, %s, now()) on conflict do nothing",
            [(code, code, code) for code in places],
        )
        for number in range(STAFF):
            person = f"staff-{number}"
            cursor.execute(
                "insert into identity.person (id, name, added_at) values (%s, %s, now())",
                (person, f"Person {number}"),
            )
            cursor.execute(
                "insert into identity.account (username, person_id, password_hash, changed_at)"
                " values (%s, %s, 'none', now())",
                (person, person),
            )
            cursor.execute(
                "insert into identity.role_grant (id, person_id, role, starts)"
                " values (%s, %s, %s, now())",
                (f"role-{number}", person, ROLES[number % len(ROLES)]),
            )
            for at, code in enumerate(chance.sample(places, chance.choice((1, 1, 2)))):
                cursor.execute(
                    "insert into identity.membership (id, person_id, department, starts)"
                    " values (%s, %s, %s, now())",
                    (f"member-{number}-{at}", person, code),
                )
