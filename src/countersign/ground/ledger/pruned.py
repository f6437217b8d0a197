"""Checks that whatever was pruned is accounted for by records in the ledger itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from countersign.ground.db import Pool
from countersign.kit.clock import stamp
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode

from .findings import Finding, FindingKind
from .query import EventQuery

FLOORS: Mapping[str, int] = {"record": 15, "process": 3}
"""Years below which no rule may go; the database holds the same floors."""

_PRUNED = """
select index, leaf_hash, pruned.kind, pruned.at, record, rule
from ledger.pruned join ledger.leaf using (index)
where index >= %(low)s and index < %(high)s
"""


_TOUCHED = """
select index, leaf_hash, pruned.kind, pruned.at, record, rule
from ledger.pruned join ledger.leaf using (index)
where record in (
    select p.record from ledger.pruned p
    where (%(kinds)s::text[] is null or p.kind = any(%(kinds)s))
      and (%(since)s::timestamptz is null or p.at >= %(since)s)
      and (%(until)s::timestamptz is null or p.at < %(until)s))
order by record, index limit %(most)s
"""

_YOUNGER = """
select index from ledger.pruned
where (select cosignature.at from ledger.cosignature where size <= pruned.index
       order by size desc limit 1) > pruned.at + interval '1 day'
order by index limit 100
"""
"""A leaf came after the tree that a witness dated; pruned leaves may claim to be older."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf that is to be pruned, or was: what stays of it."""

    index: int
    leaf_hash: bytes
    kind: str
    at: datetime

    def line(self) -> bytes:
        """As the record commits to it."""
        return f"{self.index} {self.leaf_hash.hex()} {self.kind} {stamp(self.at)}\n".encode()


def commitment(leaves: Iterable[Leaf]) -> str:
    """SHA-256 (hex) over one line for each leaf, by rising index."""
    total = sha256()
    for leaf in leaves:
        total.update(leaf.line())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Gone:
    """A leaf that was pruned, the rule by which, and the index of the event that records it."""

    leaf: Leaf
    rule: str
    record: int


def gone(pool: Pool, query: EventQuery, most: int) -> list[Gone]:
    """Whole batches of pruning of which a leaf is of the kinds and the time of ``query``.

    Whose they were is not known any more. At most ``most`` leaves, by record and index.
    """
    asked = {
        "kinds": [str(kind) for kind in query.kinds] or None,
        "since": query.since,
        "until": query.until,
        "most": most,
    }
    return [
        Gone(
            Leaf(row["index"], row["leaf_hash"], row["kind"], row["at"]), row["rule"], row["record"]
        )
        for row in pool.rows(_TOUCHED, asked)
    ]


@dataclass(slots=True)
class _Batch:
    rule: str
    leaves: list[Leaf] = field(default_factory=list[Leaf])


class Pruned:
    """Collects pruned leaves page by page, then compares them with the records."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batches: dict[int, _Batch] = {}
        self.count = 0

    def page(self, low: int, high: int) -> set[int]:
        """The indices from ``low`` to ``high`` whose event was pruned."""
        found: set[int] = set()
        for row in self._pool.rows(_PRUNED + " order by index", {"low": low, "high": high}):
            batch = self._batches.setdefault(row["record"], _Batch(row["rule"]))
            batch.leaves.append(Leaf(row["index"], row["leaf_hash"], row["kind"], row["at"]))
            found.add(row["index"])
        self.count += len(found)
        return found

    def findings(self) -> Iterator[Finding]:
        """What no record accounts for, and what went before its time."""
        for record, batch in sorted(self._batches.items()):
            body = self._body(record)
            if not _accounts(body, batch):
                yield Finding(FindingKind.PRUNED_UNPROVED, str(record))
            else:
                years = max(FLOORS.get(batch.rule, 0), int(body["detail"]["years"]))
                for leaf in batch.leaves:
                    if _later(leaf.at, years) > str(body["at"]):
                        yield Finding(FindingKind.PRUNED_EARLY, str(leaf.index))
        for row in self._pool.rows(_YOUNGER):
            yield Finding(FindingKind.PRUNED_EARLY, str(row["index"]))

    def _body(self, record: int) -> Mapping[str, Any]:
        rows = self._pool.rows("select body from ledger.event where index = %s", (record,))
        try:
            return dict(decode(rows[0]["body"])) if rows else {}
        except (CountersignError, TypeError, ValueError):
            return {}


def _accounts(body: Mapping[str, Any], batch: _Batch) -> bool:
    try:
        detail = body["detail"]
        return (
            body["kind"] == "payloads-pruned"
            and detail["rule"] == batch.rule
            and detail["count"] == len(batch.leaves)
            and isinstance(detail["years"], int)
            and body["commits"]["pruned"] == commitment(batch.leaves)
        )
    except (KeyError, TypeError):
        return False


def _later(at: datetime, years: int) -> str:
    """The first moment at which it might go, as events write it."""
    try:
        return stamp(at.replace(year=at.year + years))
    except ValueError:  # 29 February
        return stamp(at.replace(year=at.year + years, day=28))
