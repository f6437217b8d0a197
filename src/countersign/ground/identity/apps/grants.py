"""Turns codes, refresh tokens and proven services into access tokens, and notices reuse."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Final, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity.principal import Principal, Purpose
from countersign.ground.identity.rights import ABSOLUTE, standing
from countersign.ground.identity.scopes import BadScope, Scopes, read_scopes
from countersign.ground.identity.sessions import NewToken, new_token, token_hash
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .conversation import KEPT
from .errors import AssertionUsed, BadGrant
from .registry import App

ACCESS = timedelta(minutes=30)
SERVICE = timedelta(minutes=5)
"""How long access tokens hold: of a person's app, and of a backend service (SMART asks for at
most five minutes)."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token answer tells. ``refresh`` is None where none was asked for; ``person`` and
    ``patient`` are None for services; ``seconds`` is how long ``access`` holds.
    """

    access: str = field(repr=False)
    seconds: int
    scopes: Scopes
    refresh: str | None = field(default=None, repr=False)
    person: str | None = None
    fhir_user: str | None = None
    patient: str | None = None
    nonce: str | None = None


class Grants:
    """Issues tokens, with DbRole.IDENTITY. Every token and every misuse leaves a receipt."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        clock: Clock,
        new_id: NewId,
        zone: tzinfo,
        *,
        token: NewToken = new_token,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._clock = clock
        self._new_id = new_id
        self._zone = zone
        self._token = token

    def redeem(self, app: App, code: str, redirect_uri: str, verifier: str) -> Granted:
        """Exchanges a code. A code that is tried in any wrong way, or twice, holds no more, nor
        does any token that came from it. Raises BadGrant.
        """

        def judge(unit: Unit, row: DictRow, now: datetime) -> str | Granted:
            fits = (
                hmac.compare_digest(row["redirect_uri"], redirect_uri),
                hmac.compare_digest(row["challenge"], challenge_of(verifier)),
            )
            if row["app_id"] != app.id:
                return "another app's code"
            if row["code_used_at"] is not None:
                return "code reused"
            if row["code_expires_at"] <= now or not all(fits):
                return "code does not fit"
            unit.connection.execute(
                "update identity.app_grant set code_used_at = %s where id = %s", (now, row["id"])
            )
            return self._issue(unit, app, row, read_scopes(row["scopes"]), now, first=True)

        return self._judged(app, _BY_CODE, token_hash(code), judge)

    def refresh(self, app: App, token: str, scopes: str | None = None) -> Granted:
        """A new access token and a new refresh token; the old one holds no more. A refresh
        token that comes a second time ends the whole family: somebody else has it.

        ``scopes`` may ask for fewer. Raises BadGrant, BadScope.
        """
        narrower = read_scopes(scopes) if scopes else None

        def judge(unit: Unit, row: DictRow, now: datetime) -> str | Granted:
            if row["app_id"] != app.id:
                return "another app's token"
            if row["used_at"] is not None:
                return "refresh token reused"
            if row["token_expires_at"] <= now:
                return "refresh token expired"
            whole = read_scopes(row["scopes"])
            wanted = whole if narrower is None else narrower.within(whole)
            if narrower is not None and wanted != narrower:
                raise BadScope(scope=str(narrower)[:80], reason="It was not granted at first.")
            unit.connection.execute(
                "update identity.app_token set used_at = %s where token_hash = %s",
                (now, token_hash(token)),
            )
            return self._issue(unit, app, row, wanted, now, first=False)

        return self._judged(app, _BY_REFRESH, token_hash(token), judge)

    def service(self, app: App, scopes: Scopes) -> Granted:
        """An access token of a backend service that has proved who it is."""
        now, grant = self._clock(), self._new_id()
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into identity.app_grant (id, app_id, purpose, scopes, made_at, expires_at)"
                " values (%s, %s, %s, %s, %s, %s)",
                (grant, app.id, str(Purpose.TREATMENT), scopes.listed, now, now + SERVICE),
            )
            access = self._keep(unit, grant, "access", scopes, now, now + SERVICE)
            unit.record(_event(app.id, grant, "issued", f"client:{app.id}"))
        return Granted(access, int(SERVICE.total_seconds()), scopes)

    def used(self, app: App, jti: str, expires_at: datetime) -> None:
        """Takes note of an assertion, which holds once. Raises AssertionUsed."""
        now = self._clock()
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from identity.app_assertion where expires_at < %s", (now - KEPT,)
            )
            fresh = connection.execute(
                "insert into identity.app_assertion (app_id, jti_hash, expires_at)"
                " values (%s, %s, %s) on conflict do nothing",
                (app.id, token_hash(jti), expires_at),
            )
        if fresh.rowcount == 0:
            raise AssertionUsed

    def refused(self, app: App, reason: str) -> None:
        """Records that somebody could not prove to be this app."""
        self._ledger.record_soon(_event(app.id, None, "refused", SELF, reason))

    def _judged(
        self,
        app: App,
        query: LiteralString,
        key: bytes,
        judge: Callable[[Unit, DictRow, datetime], str | Granted],
    ) -> Granted:
        """Runs ``judge`` on the locked grant; a reason instead of tokens ends the grant."""
        now = self._clock()
        with self._ledger.unit(self._pool) as unit:
            given = {"hash": key, "oldest": now - ABSOLUTE}
            row = unit.connection.execute(query, given).fetchone()
            if row is None:
                raise BadGrant
            said = self._dead(row, now) or judge(unit, row, now)
            if isinstance(said, str):
                _end(unit.connection, row["id"], now)
                actor = f"person:{row['person_id']}"
                unit.record(_event(row["app_id"], row["id"], "ended", actor, said))
        if isinstance(said, str):
            raise BadGrant
        return said

    def _dead(self, row: DictRow, now: datetime) -> str | None:
        """Why nothing may come from this grant any more."""
        if row["revoked_at"] is not None or row["expires_at"] <= now:
            return "grant ended"
        if row["session_id"] is not None and not row["session_open"]:
            return "signed out"
        return None

    def _issue(
        self, unit: Unit, app: App, row: DictRow, scopes: Scopes, now: datetime, *, first: bool
    ) -> str | Granted:
        purpose = Purpose(row["purpose"])
        person = standing(unit.connection, row["person_id"], purpose, now, self._zone)
        if person is None:
            return "person left"
        until = min(now + ACCESS, row["expires_at"])
        access = self._keep(unit, row["id"], "access", scopes, now, until)
        refresh = None
        whole = read_scopes(row["scopes"])
        if whole.context & {"offline_access", "online_access"}:
            refresh = self._keep(unit, row["id"], "refresh", whole, now, row["expires_at"])
        done = "issued" if first else "refreshed"
        unit.record(_event(app.id, row["id"], done, person.actor))
        return Granted(
            access,
            int((until - now).total_seconds()),
            scopes,
            refresh,
            person.id,
            fhir_user(person),
            row["patient"],
            row["nonce"] if first else None,
        )

    def _keep(
        self, unit: Unit, grant: str, kind: str, scopes: Scopes, now: datetime, until: datetime
    ) -> str:
        token = self._token()
        unit.connection.execute(
            "delete from identity.app_token where expires_at < %s", (now - KEPT,)
        )
        unit.connection.execute(
            "insert into identity.app_token"
            " (token_hash, grant_id, kind, scopes, issued_at, expires_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            (token_hash(token), grant, kind, scopes.listed, now, until),
        )
        return token


def fhir_user(person: Principal) -> str:
    """The resource that stands for a person: their own record, or the Practitioner with their
    identifier.
    """
    if person.purpose is Purpose.PERSONAL and person.patients:
        return f"Patient/{min(person.patients)}"
    return f"Practitioner/{person.id}"


def challenge_of(verifier: str) -> str:
    """PKCE's S256 of a verifier (RFC 7636, 4.2)."""
    hashed = sha256(verifier.encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(hashed).decode().rstrip("=")


def _end(connection: Connection[DictRow], grant: str, now: datetime) -> None:
    connection.execute(
        "update identity.app_grant set revoked_at = coalesce(revoked_at, %s) where id = %s",
        (now, grant),
    )


SELF: Final = "system:sign-in"


def _event(app: str, grant: str | None, done: str, actor: str, reason: str | None = None) -> Event:
    detail = {"done": done, "grant": grant, "reason": reason}
    return Event(
        kind=EventKind.APP_ACCESS,
        actor=actor,
        subject=f"app:{app}",
        detail={name: said for name, said in detail.items() if said},
    )


OPEN_SESSION: Final = (
    "exists (select from identity.session s where s.id = g.session_id and s.ended_at is null"
    " and s.opened_at > %(oldest)s)"
)
"""Whether the session that a grant belongs to goes on; ``oldest`` is when it may have begun."""
_BY_CODE: Final = (
    "select g.*, " + OPEN_SESSION + " as session_open from identity.app_grant g"
    " where g.code_hash = %(hash)s for update of g"
)
_BY_REFRESH: Final = (
    "select g.*, t.used_at, t.expires_at as token_expires_at, "
    + OPEN_SESSION
    + " as session_open from identity.app_token t join identity.app_grant g on g.id = t.grant_id"
    " where t.token_hash = %(hash)s and t.kind = 'refresh' for update of g, t"
)
