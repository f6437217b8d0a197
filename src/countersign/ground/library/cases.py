"""Keeps collections of cases: sealed, released by a curator, read by those they are for."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Action, Facts, Policy, Principal, scope_of
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt, Unit
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, encode

State = Literal["building", "built", "released", "withdrawn"]
LONGEST_NAME = 120
BUILD = "cases.build"


class UnknownCollection(CountersignError):
    code = "library.unknown_collection"
    status = 404
    message = "There is no such collection of cases, or it is not yours to see."


class BadCollection(CountersignError):
    code = "library.bad_collection"
    status = 422
    message = "Give the collection a name of 1 to {longest} characters and known departments."


class WrongState(CountersignError):
    code = "library.collection_state"
    status = 409
    message = "The collection is no longer in that state. Load the page again and look at it."


@dataclass(frozen=True, slots=True)
class Collection:
    """``departments`` say whose charts it is made of and who may read it; none means all.

    ``entries`` counts its cases, ``few`` those in small groups; ``small`` is whether it was
    released together with them.
    """

    id: str
    name: str
    departments: frozenset[str]
    state: State
    entries: int
    few: int
    small: bool
    actor: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A sealed case as it is kept; ``content`` belongs to the room that made it."""

    place: int
    patient_index: int
    content: JSON


class CaseCollections:
    """``pool`` logs in as DbRole.ROOM. Safe to share among threads."""

    def __init__(
        self, pool: Pool, ledger: Ledger, vault: Vault, policy: Policy, jobs: Jobs, new_id: NewId
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._jobs = jobs
        self._new_id = new_id

    def start(self, principal: Principal, name: str, departments: Iterable[str]) -> str:
        """Begins a collection, which a job fills; returns its id.

        Raises Forbidden, BadCollection, LedgerUnavailable.
        """
        named, of = name.strip(), frozenset(departments)
        self._policy.require(principal, Action.CASES_CURATE, _facts(of))
        if not 1 <= len(named) <= LONGEST_NAME or not named.isprintable():
            raise BadCollection(longest=LONGEST_NAME)
        made = self._new_id()
        box = self._vault.seal(HOUSE, named.encode(), f"cases/{made}")
        with self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
            unit.connection.execute(
                "insert into cases.collection (id, departments, suite, key_id, box, actor)"
                " values (%s, %s, %s, %s, %s, %s)",
                (made, sorted(of), int(box.suite), box.key_id, box.box, principal.actor),
            )
            unit.record(_changed(principal, made, "started"))
            self._jobs.defer(unit.connection, BUILD, {"collection": made}, lock=f"{BUILD}:{made}")
        return made

    def fill(
        self, principal: Principal, collection: str, entries: Sequence[tuple[str, bool, JSON]]
    ) -> None:
        """Puts all its cases in, after which it waits for its curator; all or none.

        Each is the patient, whether it is of a small group, and the content. Raises
        WrongState, LedgerUnavailable.
        """
        rows = [
            (collection, place, self.index(patient), small, *self._seal(collection, place, content))
            for place, (patient, small, content) in enumerate(entries)
        ]
        with _states(), self._ledger.unit(self._pool.within(WHOLE)) as unit:
            with unit.connection.cursor() as cursor:
                cursor.executemany(
                    "insert into cases.entry (collection_id, place, patient_index, small, suite,"
                    " key_id, box) values (%s, %s, %s, %s, %s, %s, %s)",
                    rows,
                )
            _write(unit, principal, collection, "built")

    def release(self, principal: Principal, collection: str, *, small: bool) -> None:
        """Lets those read it whom it is for; without ``small`` its small groups are taken out.

        Raises Forbidden, UnknownCollection, WrongState.
        """
        found = self.one(principal, collection)
        self._policy.require(principal, Action.CASES_CURATE, _facts(found.departments))
        with _states(), self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
            _write(unit, principal, collection, "released", small=small)
            if not small:
                unit.connection.execute(
                    "delete from cases.entry where collection_id = %s and small", (collection,)
                )

    def withdraw(self, principal: Principal, collection: str) -> None:
        """Nobody reads it any more, and its cases are gone. Raises as ``release``."""
        found = self.one(principal, collection)
        self._policy.require(principal, Action.CASES_CURATE, _facts(found.departments))
        with _states(), self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
            _write(unit, principal, collection, "withdrawn")
            unit.connection.execute(
                "delete from cases.entry where collection_id = %s", (collection,)
            )

    def all(self, principal: Principal) -> list[Collection]:
        """What this person may read, and what a curator has in work; the newest first."""
        rows = self._pool.within(scope_of(principal)).rows(
            "select * from cases.collection_state order by made_at desc, id"
        )
        return [one for one in map(self._collection, rows) if self._visible(principal, one)]

    def one(self, principal: Principal, collection: str) -> Collection:
        """Raises UnknownCollection for what this person may not see, too."""
        rows = self._pool.within(scope_of(principal)).rows(
            "select * from cases.collection_state where id = %s", (collection,)
        )
        found = self._collection(rows[0]) if rows else None
        if found is None or not self._visible(principal, found):
            raise UnknownCollection
        return found

    def unfinished(self, collection: str) -> Collection | None:
        """The collection that a job fills; None when it is built or withdrawn already."""
        rows = self._pool.within(WHOLE).rows(
            "select * from cases.collection_state where id = %s and state = 'building'",
            (collection,),
        )
        return self._collection(rows[0]) if rows else None

    def entries(self, collection: str, *, limit: int | None = None) -> list[Entry]:
        """Its cases by place, without regard to who reads: ask ``all`` or ``one`` before."""
        rows = self._pool.within(WHOLE).rows(
            "select place, patient_index, suite, key_id, box from cases.entry"
            " where collection_id = %s order by place limit %s",
            (collection, limit),
        )
        return [
            Entry(
                row["place"],
                row["patient_index"],
                decode(
                    self._vault.open(
                        HOUSE,
                        Sealed(row["suite"], row["key_id"], row["box"]),
                        f"case/{collection}/{row['place']}",
                    )
                ),
            )
            for row in rows
        ]

    def index(self, patient: str) -> int:
        """What stands for a patient beside a case: a keyed hash that leads back to nobody."""
        return self._vault.blind("case.patient", patient)

    def take_out(self, patients: Iterable[str]) -> int:
        """Removes every case of these patients, who have refused; returns how many."""
        hashed = [self.index(one) for one in patients]
        rows = self._pool.within(WHOLE).rows(
            "delete from cases.entry where patient_index = any (%s) returning place", (hashed,)
        )
        return len(rows)

    def searched(self, principal: Principal, patient: str, found: Sequence[str]) -> Receipt:
        """Records that cases were shown beside a chart. Raises LedgerUnavailable."""
        listed = sha256("\n".join(found).encode()).hexdigest()
        return self._ledger.record(
            Event(
                EventKind.CASES_SEARCHED,
                principal.actor,
                patient=patient,
                commits={"cases": listed},
                detail={"count": len(found)},
            )
        )

    def _visible(self, principal: Principal, one: Collection) -> bool:
        action = Action.CASES_READ if one.state == "released" else Action.CASES_CURATE
        return self._policy.decide(principal, action, _facts(one.departments)).allowed

    def _seal(self, collection: str, place: int, content: JSON) -> tuple[int, int, bytes]:
        box = self._vault.seal(HOUSE, encode(content), f"case/{collection}/{place}")
        return int(box.suite), box.key_id, box.box

    def _collection(self, row: DictRow) -> Collection:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        return Collection(
            id=row["id"],
            name=self._vault.open(HOUSE, box, f"cases/{row['id']}").decode(),
            departments=frozenset(row["departments"]),
            state=row["state"],
            entries=row["entries"],
            few=row["few"],
            small=row["small"],
            actor=row["actor"],
            made_at=row["made_at"],
        )


def _write(
    unit: Unit, principal: Principal, collection: str, state: State, *, small: bool = False
) -> None:
    unit.connection.execute(
        "insert into cases.step (collection_id, state, small, actor) values (%s, %s, %s, %s)",
        (collection, state, small, principal.actor),
    )
    unit.record(_changed(principal, collection, state))


@contextmanager
def _states() -> Generator[None]:
    """Says in words what the database refuses: a step that does not follow the last."""
    try:
        yield
    except psycopg.Error as problem:
        if problem.sqlstate in ("CSK01", "CSK02"):
            raise WrongState from None
        raise


def _facts(departments: frozenset[str]) -> Facts:
    return Facts("cases", None, departments)


def _changed(principal: Principal, collection: str, change: str) -> Event:
    return Event(
        EventKind.CASES_CHANGED,
        principal.actor,
        subject=f"cases:{collection}",
        detail={"change": change},
    )
