"""What passes between an app and its person before a code is given: launch, patient, consent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity.action import Action
from countersign.ground.identity.policy import Policy
from countersign.ground.identity.principal import Facts, Principal
from countersign.ground.identity.rights import ABSOLUTE
from countersign.ground.identity.scopes import Scopes, read_scopes
from countersign.ground.identity.sessions import NewToken, new_token, token_hash
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import digest

from .errors import RequestEnded

LAUNCH = timedelta(minutes=5)
REQUEST = timedelta(minutes=10)
CODE = timedelta(minutes=1)
OFFLINE = timedelta(days=90)
KEPT = timedelta(days=7)
"""How long a handle that ended stays in the table."""

APPS: Final = Facts.house("apps")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """An app's request after it was checked. ``challenge`` is PKCE's S256; ``scopes`` are
    those that will be granted; ``patient`` is whom they are about, once that is known.
    """

    app: str
    redirect_uri: str
    scopes: Scopes
    state: str
    challenge: str
    nonce: str | None
    wants_patient: bool
    patient: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for its person."""

    wanted: Wanted

    @property
    def lacks_patient(self) -> bool:
        return self.wanted.wants_patient and self.wanted.patient is None


class Conversations:
    """Handles that only the person they were made for can use, once. DbRole.IDENTITY."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        clock: Clock,
        new_id: NewId,
        *,
        token: NewToken = new_token,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._new_id = new_id
        self._token = token

    def launch(self, principal: Principal, app: str, patient: str) -> str:
        """What the app sends back to be told the patient; whoever opens it must be allowed to
        read the chart, which the caller has asked. Raises Forbidden.
        """
        self._policy.require(principal, Action.APP_LAUNCH, APPS)
        handle, now = self._token(), self._clock()
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from identity.app_launch where expires_at < %s", (now - KEPT,)
            )
            connection.execute(
                "insert into identity.app_launch"
                " (handle_hash, app_id, person_id, patient, made_at, expires_at)"
                " values (%s, %s, %s, %s, %s, %s)",
                (token_hash(handle), app, principal.id, patient, now, now + LAUNCH),
            )
        return handle

    def launched(self, principal: Principal, app: str, handle: str) -> str:
        """The patient of a launch of this app by this person; holds once. Raises RequestEnded."""
        now = self._clock()
        with self._pool.transaction() as connection:
            row = connection.execute(
                "update identity.app_launch set used_at = %(now)s"
                " where handle_hash = %(hash)s and app_id = %(app)s and person_id = %(person)s"
                " and used_at is null and expires_at > %(now)s returning patient",
                {"now": now, "hash": token_hash(handle), "app": app, "person": principal.id},
            ).fetchone()
        if row is None:
            raise RequestEnded
        return row["patient"]

    def ask(self, principal: Principal, wanted: Wanted) -> str:
        """Keeps a request for this session. Raises Forbidden."""
        self._policy.require(principal, Action.APP_LAUNCH, APPS)
        handle, now = self._token(), self._clock()
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from identity.app_request where expires_at < %s", (now - KEPT,)
            )
            connection.execute(
                "insert into identity.app_request (handle_hash, app_id, person_id, session_id,"
                " redirect_uri, scopes, state, nonce, challenge, wants_patient, patient, made_at,"
                " expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    token_hash(handle),
                    wanted.app,
                    principal.id,
                    principal.session,
                    wanted.redirect_uri,
                    wanted.scopes.listed,
                    wanted.state,
                    wanted.nonce,
                    wanted.challenge,
                    wanted.wants_patient,
                    wanted.patient,
                    now,
                    now + REQUEST,
                ),
            )
        return handle

    def asked(self, principal: Principal, handle: str) -> Asked:
        """The request, for the session that it was made in. Raises RequestEnded."""
        with self._pool.reading() as connection:
            return Asked(self._open(connection, principal, handle, lock=False))

    def choose(self, principal: Principal, handle: str, patient: str) -> None:
        """The person chose a patient whose chart they may read, which the caller has asked.
        Raises RequestEnded.
        """
        with self._pool.transaction() as connection:
            wanted = self._open(connection, principal, handle, lock=True)
            if not wanted.wants_patient or wanted.patient is not None:
                raise RequestEnded
            connection.execute(
                "update identity.app_request set patient = %s where handle_hash = %s",
                (patient, token_hash(handle)),
            )

    def refuse(self, principal: Principal, handle: str) -> Wanted:
        """The person said no. Raises RequestEnded."""
        with self._pool.transaction() as connection:
            return self._close(connection, principal, handle)

    def allow(self, principal: Principal, handle: str) -> tuple[Wanted, str]:
        """The person said yes: the request and the code that the app may redeem, once.

        Raises RequestEnded, also while a patient has yet to be chosen, and Forbidden.
        """
        self._policy.require(principal, Action.APP_LAUNCH, APPS)
        code, now, identifier = self._token(), self._clock(), self._new_id()
        with self._ledger.unit(self._pool) as unit:
            wanted = self._close(unit.connection, principal, handle)
            if wanted.wants_patient and wanted.patient is None:
                raise RequestEnded
            offline = "offline_access" in wanted.scopes.context
            unit.connection.execute(
                _GRANT,
                {
                    "id": identifier,
                    "app": wanted.app,
                    "person": principal.id,
                    "purpose": str(principal.purpose),
                    "session": None if offline else principal.session,
                    "patient": wanted.patient,
                    "scopes": wanted.scopes.listed,
                    "nonce": wanted.nonce,
                    "code": token_hash(code),
                    "code_expires": now + CODE,
                    "redirect_uri": wanted.redirect_uri,
                    "challenge": wanted.challenge,
                    "now": now,
                    "expires": now + (OFFLINE if offline else ABSOLUTE),
                },
            )
            unit.record(_allowed(principal, identifier, wanted))
        return wanted, code

    def _open(
        self, connection: Connection[DictRow], principal: Principal, handle: str, *, lock: bool
    ) -> Wanted:
        given = {
            "hash": token_hash(handle),
            "person": principal.id,
            "session": principal.session,
            "now": self._clock(),
        }
        row = connection.execute(_LOCKED if lock else _OPEN, given).fetchone()
        if row is None:
            raise RequestEnded
        return Wanted(
            row["app_id"],
            row["redirect_uri"],
            read_scopes(row["scopes"]),
            row["state"],
            row["challenge"],
            row["nonce"],
            row["wants_patient"],
            row["patient"],
        )

    def _close(self, connection: Connection[DictRow], principal: Principal, handle: str) -> Wanted:
        wanted = self._open(connection, principal, handle, lock=True)
        connection.execute(
            "update identity.app_request set used_at = %s where handle_hash = %s",
            (self._clock(), token_hash(handle)),
        )
        return wanted


def _allowed(principal: Principal, grant: str, wanted: Wanted) -> Event:
    said = str(wanted.scopes)
    event = Event(
        kind=EventKind.APP_ALLOWED,
        actor=principal.actor,
        patient=wanted.patient,
        subject=f"app:{wanted.app}",
        commits={"scopes": digest(said.encode()).hex()},
        detail={"grant": grant, "purpose": str(principal.purpose)},
    )
    if len(said) > _LONGEST:
        return event
    return replace(event, detail={**event.detail, "scopes": said})


_OPEN: Final = (
    "select r.* from identity.app_request r join identity.app a on a.id = r.app_id"
    " where r.handle_hash = %(hash)s and r.person_id = %(person)s"
    " and r.session_id = %(session)s and r.used_at is null and r.expires_at > %(now)s"
    " and a.revoked_at is null"
)
_LOCKED: Final = _OPEN + " for update of r"
_GRANT: Final = (
    "insert into identity.app_grant (id, app_id, person_id, purpose, session_id, patient, scopes,"
    " nonce, code_hash, code_expires_at, redirect_uri, challenge, made_at, expires_at)"
    " values (%(id)s, %(app)s, %(person)s, %(purpose)s, %(session)s, %(patient)s, %(scopes)s,"
    " %(nonce)s, %(code)s, %(code_expires)s, %(redirect_uri)s, %(challenge)s, %(now)s,"
    " %(expires)s)"
)
