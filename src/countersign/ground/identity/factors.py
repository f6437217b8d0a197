"""Second factors: what a person has set up, how it is added, checked and taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import decode, encode

from .errors import NotEnrolled, WrongProof
from .presence import Proved, Way
from .recovery import RecoveryCodes
from .totp import new_secret, step_of

PATIENCE = timedelta(minutes=15)
"""How long a drawing on the screen may wait to be read."""

Kind = Literal["totp", "passkey"]


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as its owner's page lists it; ``label`` is the owner's own word."""

    id: str
    kind: Kind
    label: str
    added_at: datetime
    used_at: datetime | None
    removed_at: datetime | None
    removed_by: str | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What was set up; ``codes`` are shown once, and only with the first factor."""

    factor: str
    codes: tuple[str, ...] = field(default=(), repr=False)


class Factors:
    """Reads and writes ``identity.factor`` with DbRole.IDENTITY. Safe to share among threads."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        clock: Clock,
        new_id: NewId,
        key: bytes,
    ) -> None:
        self.pool = pool
        self._ledger = ledger
        self._vault = vault
        self._clock = clock
        self._new_id = new_id
        self._recovery = RecoveryCodes(key, clock)

    def of(self, person: str, *, removed: bool = False) -> tuple[Factor, ...]:
        """The factors that count, the oldest first; ``removed``: those taken away instead."""
        rows = self.pool.rows(
            "select * from identity.factor where person_id = %s and (removed_at is not null) = %s"
            " order by added_at, id",
            (person, removed),
        )
        return tuple(
            Factor(
                row["id"],
                row["kind"],
                str(self.opened(row).get("label", "")),
                row["added_at"],
                row["used_at"],
                row["removed_at"],
                row["removed_by"],
            )
            for row in rows
        )

    def rows(self, person: str, kind: Kind) -> list[DictRow]:
        """The rows of one kind that count."""
        return self.pool.rows(
            "select * from identity.factor where person_id = %s and kind = %s"
            " and removed_at is null order by added_at, id",
            (person, kind),
        )

    def opened(self, row: DictRow) -> dict[str, Any]:
        """The sealed part of a row."""
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        return decode(self._vault.open(HOUSE, sealed, f"factor/{row['id']}"))

    def codes_left(self, person: str) -> int:
        """How many recovery codes are unused."""
        with self.pool.transaction() as connection:
            return self._recovery.left(connection, person)

    def begin_totp(self, person: str) -> str:
        """A fresh secret, to be shown once as a drawing; one set-up for each person at a time."""
        secret, now = new_secret(), self._clock()
        box = self._vault.seal(HOUSE, secret.encode(), f"enrolment/{person}")
        with self.pool.transaction() as connection:
            connection.execute(
                "insert into identity.enrolment values (%s, %s, %s, %s, %s)"
                " on conflict (person_id) do update set suite = excluded.suite,"
                " key_id = excluded.key_id, box = excluded.box, expires_at = excluded.expires_at",
                (person, box.suite, box.key_id, box.box, now + PATIENCE),
            )
        return secret

    def setting_up(self, person: str) -> str | None:
        """The secret of a set-up that still waits for its first code."""
        rows = self.pool.rows(
            "select * from identity.enrolment where person_id = %s and expires_at > %s",
            (person, self._clock()),
        )
        if not rows:
            return None
        sealed = Sealed(rows[0]["suite"], rows[0]["key_id"], rows[0]["box"])
        return self._vault.open(HOUSE, sealed, f"enrolment/{person}").decode()

    def confirm_totp(self, person: str, given: str, by: str) -> Enrolled:
        """The first code shows that the secret was read; it replaces earlier codes.

        Raises NotEnrolled, WrongProof.
        """
        secret = self.setting_up(person)
        if secret is None:
            raise NotEnrolled
        step = step_of(secret, given, self._clock())
        if step is None:
            raise WrongProof
        return self.add(person, "totp", {"secret": secret}, step, None, by)

    def add(
        self,
        person: str,
        kind: Kind,
        content: dict[str, Any],
        used: int,
        credential: bytes | None,
        by: str,
    ) -> Enrolled:
        """Writes a factor with its event. Raises WrongProof for a passkey already in use."""
        factor = self._new_id()
        box = self._vault.seal(HOUSE, encode(content), f"factor/{factor}")
        try:
            with self._ledger.unit(self.pool) as unit:
                if kind == "totp":
                    self._replaced(unit.connection, person, by)
                first = not self._recovery.left(unit.connection, person)
                unit.connection.execute(
                    "insert into identity.factor (id, person_id, kind, credential_hash, suite,"
                    " key_id, box, used, added_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    (factor, person, kind, credential, box.suite, box.key_id, box.box, used,
                     self._clock()),
                )  # fmt: skip
                codes = self._recovery.renew(unit.connection, person) if first else ()
                unit.record(_event(EventKind.FACTOR_ENROLLED, by, person, factor, kind))
        except UniqueViolation as problem:
            raise WrongProof from problem
        return Enrolled(factor, codes)

    def code(self, person: str, given: str) -> Proved | None:
        """A code of the application (six digits) or one from paper; None when none fits."""
        for row in self.rows(person, "totp"):
            step = step_of(self.opened(row)["secret"], given, self._clock())
            if step is not None and step > row["used"]:
                return Proved(Way.TOTP, self.used(row["id"], step))
        if sum(sign.isalnum() for sign in given) < 16:
            return None

        def settle(connection: Connection[DictRow]) -> None:
            if not self._recovery.spend(connection, person, given):
                raise WrongProof

        return Proved(Way.RECOVERY, settle)

    def used(self, factor: str, count: int) -> Callable[[Connection[DictRow]], None]:
        """Marks a step or a count as used; raises WrongProof when another request was first."""

        def settle(connection: Connection[DictRow]) -> None:
            done = connection.execute(
                "update identity.factor set used = %(count)s, used_at = %(now)s"
                " where id = %(id)s and removed_at is null"
                " and (used < %(count)s or kind = 'passkey' and used = 0 and %(count)s = 0)",
                {"count": count, "now": self._clock(), "id": factor},
            )
            if done.rowcount != 1:
                raise WrongProof

        return settle

    def renew_codes(self, person: str, by: str) -> tuple[str, ...]:
        """Fresh recovery codes; the earlier ones are worth nothing any more."""
        with self._ledger.unit(self.pool) as unit:
            codes = self._recovery.renew(unit.connection, person)
            unit.record(_event(EventKind.FACTOR_ENROLLED, by, person, None, "recovery"))
        return codes

    def remove(self, person: str, factor: str, by: str) -> bool:
        """Takes one factor away; the recovery codes go with the last. False when it was gone."""
        with self._ledger.unit(self.pool) as unit:
            row = unit.connection.execute(
                "update identity.factor set removed_by = %s, removed_at = %s"
                " where id = %s and person_id = %s and removed_at is null returning kind",
                (by, self._clock(), factor, person),
            ).fetchone()
            if row is None:
                return False
            left = unit.connection.execute(
                "select from identity.factor where person_id = %s and removed_at is null",
                (person,),
            ).fetchall()
            if not left:
                self._recovery.drop(unit.connection, person)
            unit.record(_event(EventKind.FACTOR_REMOVED, by, person, factor, row["kind"]))
        return True

    def _replaced(self, connection: Connection[DictRow], person: str, by: str) -> None:
        """A new secret for codes takes the old one's place, and a set-up is used up once."""
        done = connection.execute("delete from identity.enrolment where person_id = %s", (person,))
        if done.rowcount != 1:
            raise NotEnrolled
        connection.execute(
            "update identity.factor set removed_by = %s, removed_at = %s"
            " where person_id = %s and kind = 'totp' and removed_at is null",
            (by, self._clock(), person),
        )


def _event(kind: EventKind, by: str, person: str, factor: str | None, what: str) -> Event:
    detail: dict[str, str | int | bool] = {"factor": what}
    if factor is not None:
        detail["id"] = factor
    return Event(kind=kind, actor=by, subject=f"person:{person}", detail=detail)
