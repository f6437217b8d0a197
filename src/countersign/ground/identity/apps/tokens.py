"""Who stands behind an access token at this moment; asking about tokens and ending them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity.fresh import Fresh
from countersign.ground.identity.principal import AppAccess, Principal, Purpose
from countersign.ground.identity.rights import ABSOLUTE, standing
from countersign.ground.identity.sessions import token_hash
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock

from .grants import OPEN_SESSION
from .registry import App


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token that holds. ``person`` is None for services, whose ``principal`` is a client."""

    app: str
    kind: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    patient: str | None
    principal: Principal

    @property
    def person(self) -> str | None:
        return self.principal.id if self.principal.kind == "person" else None


class Tokens:
    """Checks tokens of apps, with DbRole.IDENTITY. Safe to share among threads."""

    def __init__(self, pool: Pool, ledger: Ledger, clock: Clock, zone: tzinfo) -> None:
        self._pool = pool
        self._ledger = ledger
        self._clock = clock
        self._zone = zone
        self._fresh: Fresh[TokenState] = Fresh()

    def principal_for(self, token: str) -> Principal | None:
        """Whoever an access token speaks for, at most two seconds old: the person with the
        app that narrows them, or a service. None when it does not hold.
        """
        state = self.state(token)
        return state.principal if state is not None and state.kind == "access" else None

    def state(self, token: str) -> TokenState | None:
        """What is known of a token that holds; None for every other."""
        now, key = self._clock(), token_hash(token)
        known = self._fresh.get(key, now)
        if known is None:
            era = self._fresh.era()
            with self._pool.reading() as connection:
                known = self._read(connection, key, now)
            if known is None:
                return None
            if not known.principal.lent:  # a delegation that ends, ends at once
                self._fresh.keep(key, known, now, era)
        return known if now < known.expires_at else None

    def app_of(self, token: str) -> str | None:
        """Whose token it is, whether it holds or not: apps without a key need not name
        themselves when they refresh. None for no token.
        """
        rows = self._pool.rows(
            "select g.app_id from identity.app_token t"
            " join identity.app_grant g on g.id = t.grant_id where t.token_hash = %s",
            (token_hash(token),),
        )
        return rows[0]["app_id"] if rows else None

    def revoke(self, app: App, token: str) -> None:
        """Ends a token's whole grant, if it is one of this app's (RFC 7009): here at once,
        elsewhere within two seconds. An unknown token is no error.
        """
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(
                "update identity.app_grant g set revoked_at = %s from identity.app_token t"
                " where t.grant_id = g.id and t.token_hash = %s and g.app_id = %s"
                " and g.revoked_at is null returning g.id, g.person_id",
                (self._clock(), token_hash(token), app.id),
            ).fetchone()
            if row is not None:
                person = row["person_id"]
                actor = f"person:{person}" if person else f"client:{app.id}"
                detail = {"done": "revoked", "grant": row["id"]}
                unit.record(
                    Event(EventKind.APP_ACCESS, actor, subject=f"app:{app.id}", detail=detail)
                )
        self._fresh.forget()

    def forget(self) -> None:
        """To be called after an app or a session ended, so that it takes effect here at once."""
        self._fresh.forget()

    def _read(
        self, connection: Connection[DictRow], key: bytes, now: datetime
    ) -> TokenState | None:
        given = {"hash": key, "now": now, "oldest": now - ABSOLUTE}
        row = connection.execute(_TOKEN, given).fetchone()
        if row is None:
            return None
        principal = self._principal(connection, row, now)
        if principal is None:
            return None
        return TokenState(
            row["app_id"],
            row["kind"],
            tuple(row["scopes"]),
            row["issued_at"],
            row["expires_at"],
            row["patient"],
            principal,
        )

    def _principal(
        self, connection: Connection[DictRow], row: DictRow, now: datetime
    ) -> Principal | None:
        scopes, purpose = frozenset[str](row["scopes"]), Purpose(row["purpose"])
        if row["person_id"] is None:
            return Principal(
                id=row["app_id"],
                name=row["name"],
                kind="client",
                departments=frozenset(row["departments"]),
                purpose=purpose,
                scopes=scopes,
            )
        person = standing(connection, row["person_id"], purpose, now, self._zone)
        if person is None:
            return None
        return replace(person, app=AppAccess(row["app_id"], scopes, row["patient"]))


_TOKEN: Final = (
    "select t.kind, t.scopes, t.issued_at, t.expires_at, g.app_id, g.person_id, g.purpose,"
    " g.patient, a.name, a.departments from identity.app_token t"
    " join identity.app_grant g on g.id = t.grant_id join identity.app a on a.id = g.app_id"
    " where t.token_hash = %(hash)s and t.used_at is null and t.expires_at > %(now)s"
    " and g.revoked_at is null and g.expires_at > %(now)s and a.revoked_at is null"
    " and (g.session_id is null or " + OPEN_SESSION + ")"
)
