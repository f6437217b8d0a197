"""Compares what was promised with what is there, and asks the ledger whether it is sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow, dict_row

from benchmarks.installation import Installation
from benchmarks.killed_load import Acknowledged
from countersign.app.house import open_house
from countersign.app.settings import from_environment


@dataclass(frozen=True)
class Losses:
    """``lost`` names the kind of each promise that was broken; ``sound`` is what fsck says."""

    lost: list[str]
    releases: int
    sound: bool


def losses(house: Installation, said: Acknowledged) -> Losses:
    """Looks into the tables as their owner does."""
    with open_house(from_environment(house.environment)) as opened:
        opened.floor.ledger.checkpoint()
        report = opened.floor.ledger.verify()
        with psycopg.connect(opened.database.owner_conninfo, row_factory=dict_row) as owner:
            lost = [*_imports(owner, said), *_views(owner, said), *_signatures(owner, said)]
            wanted, missing = _releases(owner, said)
    lost += ["release"] * missing
    if not report.sound:
        lost += [finding.kind for finding in report.findings]
    return Losses(lost, wanted, report.sound)


_Owner = psycopg.Connection[DictRow]


def _imports(owner: _Owner, said: Acknowledged) -> list[str]:
    rows = owner.execute("select patient from chart.patient").fetchall()
    events = owner.execute(
        "select distinct patient from ledger.event where kind = 'chart-received'"
    ).fetchall()
    kept = {row["patient"] for row in rows} & {row["patient"] for row in events}
    return ["import" for patient in said.imports if patient not in kept]


def _views(owner: _Owner, said: Acknowledged) -> list[str]:
    rows = owner.execute(
        "select patient, count(*) as n from ledger.event where kind = 'chart-viewed' group by 1"
    ).fetchall()
    kept = Counter({row["patient"]: row["n"] for row in rows})
    short = (max(0, shown - kept[patient]) for (patient, _), shown in said.views.items())
    return ["leaf"] * sum(short)


def _signatures(owner: _Owner, said: Acknowledged) -> list[str]:
    """Each needs its row and its leaf."""
    rows = owner.execute(
        "select s.draft_id, a.username from signoff.signature s"
        " join identity.account a on a.person_id = s.signer_id"
    ).fetchall()
    leaves = owner.execute(
        "select subject, count(*) as n from ledger.event where kind = 'draft-signed' group by 1"
    ).fetchall()
    kept = {(row["draft_id"], row["username"]) for row in rows}
    recorded = {row["subject"] for row in leaves}
    return [
        "signature"
        for draft, username in said.signatures
        if (draft, username) not in kept or f"draft:{draft}" not in recorded
    ]


def _releases(owner: _Owner, said: Acknowledged) -> tuple[int, int]:
    """How many were promised: a signature that was the last one needed is released at once."""
    given = Counter(draft for draft, _ in said.signatures)
    rows = owner.execute(
        "select d.id, d.risk, r.id is not null as released from signoff.draft d"
        " left join release.released r on r.draft_id = d.id where d.id = any(%s)",
        (list(given),),
    ).fetchall()
    due = [row for row in rows if given[row["id"]] >= (2 if row["risk"] == "high" else 1)]
    return len(due), sum(not row["released"] for row in due)
