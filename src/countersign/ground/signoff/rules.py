"""What the quality office sets: shares, named seniors, time limits; each change is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.json import digest

from .errors import BadRule

BLIND_SHARE = "blind-share"
SENIOR = "senior"
HOURS = "adjudication-hours"
NOTICES = "notices"
USUAL_HOURS = 24
"""Hours that a case may wait; our own starting point, to be reviewed by the hospital."""
MOST_HOURS = 24 * 14
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """One rule with who set it and when."""

    name: str
    subject: str
    value: str
    actor: str
    at: datetime


class Rules:
    """The newest of each name and subject is in force. ``pool`` logs in as STEWARD."""

    def __init__(self, pool: Pool, ledger: Ledger, policy: Policy) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy

    def all(self) -> list[RuleInForce]:
        """Every rule in force except people's own notices, by name and subject."""
        rows = self._pool.rows(
            "select distinct on (name, subject) name, subject, value, actor, at"
            " from signoff.rule where name <> 'notices' order by name, subject, id desc"
        )
        return [RuleInForce(**row) for row in rows]

    def value(self, name: str, subject: str = "") -> str | None:
        """The value in force; None when nothing was ever set."""
        rows = self._pool.rows(
            "select value from signoff.rule where name = %s and subject = %s"
            " order by id desc limit 1",
            (name, subject),
        )
        return rows[0]["value"] if rows else None

    def share_history(self) -> dict[str, list[tuple[datetime, int]]]:
        """From ``<room>.<kind>`` to every percentage with its moment, the oldest first."""
        rows = self._pool.rows(
            "select subject, value, at from signoff.rule where name = %s order by id",
            (BLIND_SHARE,),
        )
        found: dict[str, list[tuple[datetime, int]]] = {}
        for row in rows:
            found.setdefault(row["subject"], []).append((row["at"], int(row["value"])))
        return found

    def hours(self) -> int:
        """How many hours a case may wait for its senior."""
        return int(self.value(HOURS) or USUAL_HOURS)

    def blind_share(self, principal: Principal, kind: str, percent: str) -> None:
        """For how many of a hundred drafts of a kind an own impression comes first."""
        room, _, what = kind.strip().partition(".")
        if not room.isidentifier() or not what or len(kind) > _LONGEST:
            raise BadRule(problem="Write the kind as room.kind, such as workstation.potassium.")
        self._set(principal, BLIND_SHARE, kind.strip(), str(_whole(percent, 0, 100)))

    def senior(self, principal: Principal, department: str, person: str) -> None:
        """Who adjudicates the cases of a department; empty: whoever has the fewest."""
        self._set(principal, SENIOR, department, person.strip())

    def adjudication_hours(self, principal: Principal, hours: str) -> None:
        """How long a case may wait before it is escalated."""
        self._set(principal, HOURS, "", str(_whole(hours, 1, MOST_HOURS)))

    def notices(self, principal: Principal, *, wanted: bool) -> None:
        """Everybody decides for themselves whether to see notices about their reading."""
        self._write(principal, NOTICES, principal.id, "on" if wanted else "off")

    def wants_notices(self, person: str) -> bool:
        """Whether a person sees notices; yes until they say otherwise."""
        return self.value(NOTICES, person) != "off"

    def _set(self, principal: Principal, name: str, subject: str, value: str) -> None:
        self._policy.require(principal, Action.SAFETY_CHANGE, Facts.house("safety"))
        self._write(principal, name, subject, value)

    def _write(self, principal: Principal, name: str, subject: str, value: str) -> None:
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into signoff.rule (name, subject, value, actor) values (%s, %s, %s, %s)",
                (name, subject, value, principal.actor),
            )
            unit.record(
                Event(
                    kind=EventKind.SAFETY_RULE_CHANGED,
                    actor=principal.actor,
                    commits={"value": digest(value.encode()).hex()},
                    detail={"rule": name, "subject": subject or "house"},
                )
            )


def _whole(text: str, least: int, most: int) -> int:
    given = text.strip()
    if not (given.isascii() and given.isdecimal() and len(given) < 6):
        given = "-1"
    number = int(given)
    if not least <= number <= most:
        raise BadRule(problem="Write a whole number within the limits that are shown.")
    return number
