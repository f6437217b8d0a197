"""How long what an event says is kept, and its removal with a record that proves what went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from countersign.ground.db import Pool
from countersign.kit.clock import Clock, stamp

from .errors import LedgerUnavailable, RetentionRefused
from .event import Event, EventKind
from .ledger import Ledger
from .pruned import FLOORS, Leaf, commitment

BATCH = 1000
"""Events of one record of pruning."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``years`` for the kinds of event under it; ``source`` is the law or regulation."""

    name: str
    years: int
    floor: int
    source: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule would remove now: how many events, the first and the last index."""

    rule: Rule
    before: datetime
    count: int
    first: int | None
    last: int | None


class Retention:
    """``pool`` is of the role LEDGER."""

    def __init__(self, ledger: Ledger, pool: Pool, clock: Clock) -> None:
        self._ledger = ledger
        self._pool = pool
        self._clock = clock

    def rules(self) -> list[Rule]:
        """Every rule with the kinds under it. A kind without a rule is kept for ever."""
        rows = self._pool.rows(
            "select rule, years, floor, source, (select array_agg(kind order by kind)"
            " from ledger.retained where retained.rule = retention.rule) as kinds"
            " from ledger.retention order by years, rule"
        )
        return [
            Rule(row["rule"], row["years"], row["floor"], row["source"], tuple(row["kinds"] or ()))
            for row in rows
        ]

    def due(self) -> list[Due]:
        """What each rule would remove now; removes nothing."""
        return [self._due(rule) for rule in self.rules()]

    def prune(self, actor: str) -> int:
        """Removes the events whose retention has ended; their leaves and hashes stay.

        Each batch and the record that names its leaves are one transaction. Returns how many
        events went. Raises RetentionRefused, LedgerUnavailable.
        """
        return sum(self._prune(due, actor) for due in self.due() if due.count)

    def _due(self, rule: Rule) -> Due:
        before = _years_before(self._clock(), max(rule.years, FLOORS.get(rule.name, rule.years)))
        row = self._pool.rows(
            "select count(*) as n, min(index) as first, max(index) as last from ledger.event"
            " where kind = any(%s) and at < %s",
            (list(rule.kinds), before),
        )[0]
        return Due(rule, before, row["n"], row["first"], row["last"])

    def _prune(self, due: Due, actor: str) -> int:
        gone = 0
        while leaves := self._oldest(due):
            self._remove(due, leaves, actor)
            gone += len(leaves)
        return gone

    def _oldest(self, due: Due) -> list[Leaf]:
        rows = self._pool.rows(
            "select index, leaf_hash, kind, at from ledger.event join ledger.leaf using (index)"
            " where kind = any(%s) and at < %s order by index limit %s",
            (list(due.rule.kinds), due.before, BATCH),
        )
        return [Leaf(**row) for row in rows]

    def _remove(self, due: Due, leaves: Sequence[Leaf], actor: str) -> None:
        body = self._ledger.body(record_of(due, leaves, actor))
        try:
            with self._pool.transaction() as connection:
                connection.execute(
                    "select ledger.prune(%b, %s, %s)",
                    (body, [leaf.index for leaf in leaves], due.rule.name),
                )
        except psycopg.DatabaseError as problem:
            if problem.sqlstate == "CSA01":
                reason = "the retention of an event has not ended by the database's clock"
                raise RetentionRefused(reason=reason) from problem
            raise LedgerUnavailable from problem


def record_of(due: Due, leaves: Sequence[Leaf], actor: str) -> Event:
    """The event that says what is pruned, under which rule."""
    return Event(
        EventKind.PAYLOADS_PRUNED,
        actor,
        commits={"pruned": commitment(leaves)},
        detail={
            "rule": due.rule.name,
            "years": due.rule.years,
            "before": stamp(due.before),
            "count": len(leaves),
            "first": leaves[0].index,
            "last": leaves[-1].index,
        },
    )


def _years_before(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year - years, day=28)
