"""Writes a row about a person and its event together, or neither."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import tzinfo
from typing import LiteralString

import psycopg
from psycopg.errors import CheckViolation, DataError, ForeignKeyViolation, UniqueViolation

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .action import Action
from .directory import HOSPITAL_ZONE, Directory
from .errors import BadValue, NameTaken, NotFound
from .policy import Policy
from .principal import Facts, Principal

PEOPLE = Facts.house("people")


class Changes(Directory):
    """A directory that also writes, with DbRole.IDENTITY, for who may change people.

    A change that changes nothing (a role granted twice) leaves no event.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        clock: Clock,
        new_id: NewId,
        zone: tzinfo = HOSPITAL_ZONE,
    ) -> None:
        super().__init__(pool, clock, zone)
        self._ledger = ledger
        self._policy = policy
        self._new_id = new_id

    def _change(
        self,
        by: Principal,
        person: str | None,
        change: str,
        query: LiteralString,
        values: dict[str, object],
        *,
        patient: str | None = None,
        commits: dict[str, str] | None = None,
        **detail: str,
    ) -> None:
        """Runs one statement; the row and its event are written together or not at all."""
        self._policy.require(by, Action.PEOPLE_CHANGE, PEOPLE)
        given = {"id": self._new_id(), "person": person, "now": self._clock(), **values}
        with _told(), self._ledger.unit(self._pool) as unit:
            if unit.connection.execute(query, given).rowcount == 0:
                return
            unit.record(
                Event(
                    kind=EventKind.PERSON_CHANGED,
                    actor=by.actor,
                    patient=patient,
                    subject=f"person:{person}" if person else None,
                    commits=commits or {},
                    detail={"change": change, **detail},
                )
            )


@contextmanager
def _told() -> Generator[None]:
    """What the database refuses, in a sentence that says what to do."""
    try:
        yield
    except ForeignKeyViolation as problem:
        raise NotFound from problem
    except UniqueViolation as problem:
        raise NameTaken from problem
    except (CheckViolation, DataError) as problem:
        raise BadValue(field=_field(problem)) from problem


def _field(problem: psycopg.Error) -> str:
    return (
        problem.diag.column_name or problem.diag.constraint_name or problem.diag.table_name or "?"
    )
