"""What an auditor asks of the ledger: filters over events, newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg import sql

from countersign.kit.clock import stamp
from countersign.kit.json import JSON

from .event import Recorded


@dataclass(frozen=True, slots=True)
class EventQuery:
    """All filters must hold; None and the empty tuple ask for everything.

    ``since`` is included, ``until`` is not; ``before`` is the index under which to go on;
    ``limit`` is how many events one page holds.
    """

    patient: str | None = None
    actor: str | None = None
    model: str | None = None
    subject: str | None = None
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100

    def following(self, page: EventPage) -> EventQuery | None:
        """The query for the page after ``page``, or None at the end."""
        return None if page.older is None else replace(self, before=page.older)

    def as_json(self) -> JSON:
        """What was asked, without paging."""
        asked: JSON = {
            "patient": self.patient,
            "actor": self.actor,
            "model": self.model,
            "subject": self.subject,
            "kinds": sorted(self.kinds) or None,
            "since": stamp(self.since) if self.since else None,
            "until": stamp(self.until) if self.until else None,
        }
        return {key: value for key, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class EventPage:
    """Newest first. ``older`` is the ``before`` of the next page, None when this is the last."""

    events: Sequence[Recorded]
    older: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one actor took steps of some kinds about a patient, and when; ``last`` by index."""

    actor: str
    count: int
    first_at: datetime
    last_at: datetime
    last: int


TALLY: Final = (
    "select actor, count(*) as count, min(at) as first_at, max(at) as last_at, max(index) as last"
    " from ledger.event where patient = %s and kind = any(%s) group by actor"
)


def compose(query: EventQuery) -> tuple[sql.Composed, dict[str, object]]:
    """The statement for one page and one row more."""
    conditions: list[sql.SQL] = []
    values: dict[str, object] = {"rows": max(1, query.limit) + 1}
    for condition, name, value in (
        (sql.SQL("patient = %(patient)s"), "patient", query.patient),
        (sql.SQL("actor = %(actor)s"), "actor", query.actor),
        (sql.SQL("model = %(model)s"), "model", query.model),
        (sql.SQL("subject = %(subject)s"), "subject", query.subject),
        (sql.SQL("at >= %(since)s"), "since", query.since),
        (sql.SQL("at < %(until)s"), "until", query.until),
        (sql.SQL("index < %(before)s"), "before", query.before),
        (sql.SQL("kind = any(%(kinds)s)"), "kinds", [str(kind) for kind in query.kinds] or None),
    ):
        if value is not None:
            conditions.append(condition)
            values[name] = value
    where = sql.SQL(" and ").join(conditions or [sql.SQL("true")])
    statement = sql.SQL(
        "select index, at, kind, actor, patient, subject, model, body from ledger.event"
        " where {} order by index desc limit %(rows)s"
    ).format(where)
    return statement, values
