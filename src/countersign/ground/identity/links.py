"""Which person a subject of the provider is; nobody gains a right by coming from there."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .action import Action
from .errors import NameTaken, NotFound
from .policy import Policy
from .principal import Principal
from .steps import ACCOUNT

KEPT = timedelta(days=30)
"""How long somebody who came and is nobody yet stays on the administrator's list."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who came from the provider; ``label`` is what the provider calls them."""

    id: str
    label: str
    first_at: datetime
    last_at: datetime

    @property
    def reference(self) -> str:
        """What the person was told to say to the administrator."""
        return self.id[-8:]


@dataclass(frozen=True, slots=True)
class Link:
    """A subject that signs in as a person."""

    id: str
    issuer: str
    label: str
    linked_by: str
    linked_at: datetime


class Links:
    """The rows of ``identity.link`` and ``identity.arrival``, with DbRole.IDENTITY."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        vault: Vault,
        clock: Clock,
        new_id: NewId,
        key: bytes,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._vault = vault
        self._clock = clock
        self._new_id = new_id
        self._key = key

    def subject_hash(self, issuer: str, subject: str) -> bytes:
        """A keyed hash by which a subject is found again."""
        return hmac.digest(self._key, f"subject\n{issuer}\n{subject}".encode(), "sha256")

    def person(self, issuer: str, subject: str) -> str | None:
        """Whose subject it is: somebody who has not left and whose account is not closed."""
        rows = self._pool.rows(
            "select l.person_id from identity.link l"
            " join identity.person p on p.id = l.person_id"
            " left join identity.account a on a.person_id = p.id"
            " where l.issuer = %s and l.subject_hash = %s and l.ended_at is null"
            " and p.left_at is null and a.closed_at is null",
            (issuer, self.subject_hash(issuer, subject)),
        )
        return rows[0]["person_id"] if rows else None

    def linked(self, person: str) -> bool:
        """Whether somebody of the provider's is linked to this person."""
        rows = self._pool.rows(
            "select id from identity.link where person_id = %s and ended_at is null limit 1",
            (person,),
        )
        return bool(rows)

    def arrive(self, issuer: str, subject: str, label: str) -> Arrival:
        """Keeps who came, so that an administrator can link them."""
        fresh, now = self._new_id(), self._clock()
        box = self._vault.seal(HOUSE, label.encode(), "arrival")
        with self._pool.transaction() as connection:
            connection.execute("delete from identity.arrival where last_at < %s", (now - KEPT,))
            row = connection.execute(
                "insert into identity.arrival values (%s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (issuer, subject_hash) do update set last_at = excluded.last_at"
                " returning id, first_at",
                (fresh, issuer, self.subject_hash(issuer, subject), box.suite, box.key_id,
                 box.box, now, now),
            ).fetchone()  # fmt: skip
        assert row is not None  # noqa: S101 - "do update" always returns the row
        return Arrival(row["id"], label, row["first_at"], now)

    def arrivals(self, *, by: Principal) -> tuple[Arrival, ...]:
        """Who came and is linked to nobody, the latest first."""
        self._policy.require(by, Action.IDENTITY_LINK, ACCOUNT)
        rows = self._pool.rows("select * from identity.arrival order by last_at desc limit 100")
        return tuple(
            Arrival(row["id"], self._label(row, "arrival"), row["first_at"], row["last_at"])
            for row in rows
        )

    def of(self, person: str, *, by: Principal) -> tuple[Link, ...]:
        """The subjects that sign in as this person."""
        self._policy.require(by, Action.IDENTITY_LINK, ACCOUNT)
        rows = self._pool.rows(
            "select * from identity.link where person_id = %s and ended_at is null"
            " order by linked_at, id",
            (person,),
        )
        return tuple(
            Link(row["id"], row["issuer"], self._label(row, "link"), row["linked_by"],
                 row["linked_at"])
            for row in rows
        )  # fmt: skip

    def link(self, arrival: str, person: str, *, by: Principal) -> str:
        """From now on who came so signs in as this person. Raises NotFound, NameTaken."""
        self._policy.require(by, Action.IDENTITY_LINK, ACCOUNT)
        link = self._new_id()
        try:
            with self._ledger.unit(self._pool) as unit:
                row = unit.connection.execute(
                    "delete from identity.arrival where id = %s returning *", (arrival,)
                ).fetchone()
                if row is None:
                    raise NotFound
                box = self._vault.seal(HOUSE, self._label(row, "arrival").encode(), "link")
                unit.connection.execute(
                    "insert into identity.link (id, person_id, issuer, subject_hash, suite,"
                    " key_id, box, linked_by, linked_at)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    (link, person, row["issuer"], row["subject_hash"], box.suite, box.key_id,
                     box.box, by.actor, self._clock()),
                )  # fmt: skip
                unit.record(self._event(EventKind.IDENTITY_LINKED, by, person, link, row))
        except ForeignKeyViolation as problem:
            raise NotFound from problem
        except UniqueViolation as problem:
            raise NameTaken from problem
        return link

    def unlink(self, link: str, *, by: Principal) -> str:
        """Who came so signs in no more; open sessions of the person end. Returns the person."""
        self._policy.require(by, Action.IDENTITY_LINK, ACCOUNT)
        now = self._clock()
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(
                "update identity.link set ended_by = %s, ended_at = %s"
                " where id = %s and ended_at is null returning *",
                (by.actor, now, link),
            ).fetchone()
            if row is None:
                raise NotFound
            unit.connection.execute(
                "update identity.session set ended_at = %s"
                " where person_id = %s and ended_at is null",
                (now, row["person_id"]),
            )
            unit.record(self._event(EventKind.IDENTITY_UNLINKED, by, row["person_id"], link, row))
        return row["person_id"]

    def _label(self, row: DictRow, context: str) -> str:
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        return self._vault.open(HOUSE, sealed, context).decode()

    def _event(self, kind: EventKind, by: Principal, person: str, link: str, row: DictRow) -> Event:
        return Event(
            kind=kind,
            actor=by.actor,
            subject=f"person:{person}",
            commits={"subject": row["subject_hash"].hex()},
            detail={"link": link},
        )
