"""Local accounts: signing in and out, sessions and passwords."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NoReturn

from argon2 import PasswordHasher
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger, LedgerUnavailable
from countersign.ground.vault import Sealed
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .action import Action
from .credentials import Account, Credentials, good_name
from .directory import HOSPITAL_ZONE, Directory
from .errors import (
    Forbidden,
    LocalAccountsClosed,
    NotFound,
    SecondFactorNeeded,
    SignedOut,
    WrongPassword,
    WrongProof,
)
from .lockout import Attempt, Attempts
from .passwords import WORK, Passwords
from .pending import Pendings, SecondFactor, first_factor, has_factor
from .policy import Policy
from .presence import Proved, Way
from .principal import Principal, Purpose, purposes
from .rights import roles_of
from .sessions import NewToken, OpenSession, Session, Sessions, csrf_of, new_token
from .steps import ACCOUNT, DESK, changed, ended, entered


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``token`` goes into the browser's cookie and nowhere else; ``csrf`` into its forms."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    principal: Principal


class Accounts:
    """Signs people in and out. Safe to share among threads; one for each process."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        clock: Clock,
        new_id: NewId,
        key: bytes,
        *,
        zone: tzinfo = HOSPITAL_ZONE,
        work: PasswordHasher = WORK,
        token: NewToken = new_token,
        second: SecondFactor = SecondFactor.NO,
        local: bool = True,
    ) -> None:
        """``pool`` is that of DbRole.IDENTITY; ``key`` hides the names of failed attempts.

        ``second`` says of whom a second factor is demanded; ``local`` whether anybody signs
        in with a password at all.
        """
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._token = token
        self._directory = Directory(pool, clock, zone)
        self._sessions = Sessions(pool, clock, new_id, zone)
        self._attempts = Attempts(pool, key)
        self._passwords = Passwords(token(), work)
        self._rows = Credentials(pool, self._passwords, clock)
        self._second = second
        self.local = local
        self.pending = Pendings(pool, clock)

    def forget(self) -> None:
        """To be called after somebody's rights changed, so that it takes effect here at once."""
        self._sessions.forget()

    def create(self, username: str, person: str, password: str, *, by: Principal) -> None:
        """Gives a person an account. Raises NameTaken, NotFound, or what is wrong with it."""
        self._policy.require(by, Action.PEOPLE_CHANGE, ACCOUNT)
        username = good_name(username)
        hashed = self._rows.fresh(username, self._directory.person(person).name, password)
        with self._ledger.unit(self._pool) as unit:
            self._rows.insert(unit.connection, username, person, hashed)
            unit.record(changed(by, person, "account-created"))

    def sign_in(
        self,
        username: str,
        password: str,
        *,
        purpose: Purpose | None = None,
        previous: str | None = None,
    ) -> SignedIn:
        """Opens a session under a new token; the ``previous`` token of this browser ends.

        Without a ``purpose`` the first that the person's roles allow is taken. Raises
        WrongPassword, also for an unknown name; Locked; Forbidden for a purpose that the
        roles do not allow; SecondFactorNeeded where one proof is not enough.
        """
        if not self.local:
            raise LocalAccountsClosed
        attempt = self._attempts.begin(username, self._clock())
        account = self._rows.named(username)
        if not self._passwords.fits(password, account.hashed if account else None) or not account:
            self._failed(attempt, account)
        renewed = self._passwords.hash(password) if self._passwords.outdated(account.hashed) else ""

        def proved(connection: Connection[DictRow]) -> None:
            self._rows.hold(connection, account)
            self._attempts.clear(connection, attempt.name_hash)
            if renewed:
                self._rows.replace(connection, account.username, renewed)

        return self.enter(account.person, proved, purpose=purpose, previous=previous)

    def enter(
        self,
        person: str,
        proved: Callable[[Connection[DictRow]], None],
        *,
        purpose: Purpose | None = None,
        previous: str | None = None,
        provided: Sealed | None = None,
    ) -> SignedIn:
        """Opens a session for somebody who has proved who they are, or begins a half one.

        ``proved`` uses the proof up within the same transaction; ``provided`` is what the
        provider's session ends with. Raises SecondFactorNeeded, Forbidden.
        """
        token, owed = self._token(), False

        def work(connection: Connection[DictRow]) -> Event | None:
            nonlocal owed
            proved(connection)
            chosen = self._purpose(connection, person, purpose)
            roles = roles_of(connection, person, self._clock())
            owed = self._second.demanded(roles) or has_factor(connection, person)
            if owed:
                self.pending.begin(connection, token, person, chosen, provided)
                return None
            more = {"way": str(Way.OPENID)} if provided else {}
            return self._enters(connection, token, person, chosen, previous, provided, more)

        self._noted(work)
        if owed:
            raise SecondFactorNeeded(token)
        return self._opened(token)

    def finish(self, pending: str, proof: Proved | None, previous: str | None) -> SignedIn:
        """Opens the session of a half sign-in whose second proof fits.

        ``proof`` is None when the second factor was set up at this very sign-in. Raises
        SignedOut for a half sign-in that is used or too old, WrongProof.
        """
        token = self._token()

        def work(connection: Connection[DictRow]) -> Event:
            row = self.pending.take(connection, pending)
            if row is None:
                raise SignedOut
            if proof is not None:
                proof.settle(connection)
            elif not first_factor(connection, row):
                raise WrongProof
            kept = row["box"] and Sealed(row["suite"], row["key_id"], row["box"])
            more = {"way": row["way"], "factor": str(proof.way) if proof else "enrolled"}
            person, purpose = row["person_id"], Purpose(row["purpose"])
            return self._enters(connection, token, person, purpose, previous, kept, more)

        self._noted(work)
        return self._opened(token)

    def prove_password(self, person: str, password: str) -> Proved:
        """Shows again that the person knows the password; wrong ones are counted.

        Raises WrongPassword, Locked, NotFound for somebody without a local account.
        """
        if not self.local:
            raise LocalAccountsClosed
        account = self._rows.of(person)
        attempt = self._attempts.begin(account.username, self._clock())
        if not self._passwords.fits(password, account.hashed):
            self._failed(attempt, account)

        def settle(connection: Connection[DictRow]) -> None:
            self._rows.hold(connection, account)
            self._attempts.clear(connection, attempt.name_hash)

        return Proved(Way.PASSWORD, settle)

    def has_password(self, person: str) -> bool:
        """Whether the person can prove a password here."""
        try:
            return self.local and bool(self._rows.of(person))
        except NotFound:
            return False

    def principal_for(self, token: str) -> Session | None:
        """The open session of a token, or None; at most two seconds old."""
        return self._sessions.find(token)

    def required(self, token: str | None) -> Session:
        """The open session of a token. Raises SignedOut."""
        session = self.principal_for(token) if token else None
        if session is None:
            raise SignedOut
        return session

    def sign_out(self, token: str) -> None:
        """Ends the session, here at once and elsewhere within two seconds; safe to repeat."""

        def work(connection: Connection[DictRow]) -> Event | None:
            row = self._sessions.end(connection, token)
            return ended(f"person:{row['person_id']}", row["id"], False) if row else None

        self._noted(work)

    def change_purpose(self, token: str, purpose: Purpose) -> SignedIn:
        """Goes on for another purpose, under a new token. Raises SignedOut, Forbidden."""
        session = self.required(token)
        fresh = self._token()

        def work(connection: Connection[DictRow]) -> Event:
            person = session.principal.id
            chosen = self._purpose(connection, person, purpose)
            if self._sessions.end(connection, token) is None:
                raise SignedOut
            opened = self._sessions.open(connection, fresh, person, chosen, session.opened_at)
            self._sessions.carry(connection, session.id, opened)
            return Event(
                kind=EventKind.SIGN_IN,
                actor=session.principal.actor,
                subject=f"session:{opened}",
                detail={"purpose": str(chosen), "continued": True},
            )

        self._noted(work)
        return self._opened(fresh)

    def sessions(self, *, by: Principal, person: str | None = None) -> tuple[OpenSession, ...]:
        """Who is signed in, or the open sessions of one person; one's own are open to everyone."""
        own = person is not None and by.kind == "person" and person == by.id
        self._policy.require(by, Action.ACCOUNT_CHANGE if own else Action.SESSIONS_READ, ACCOUNT)
        return self._sessions.all(person)

    def revoke(self, session: str, *, by: Principal) -> None:
        """Ends a session by its identifier: one's own, or anybody's for a security officer."""
        owner = self._sessions.owner(session)
        own = owner is not None and by.kind == "person" and owner == by.id
        self._policy.require(by, Action.ACCOUNT_CHANGE if own else Action.SESSIONS_REVOKE, ACCOUNT)
        if owner is None:
            raise NotFound

        def work(connection: Connection[DictRow]) -> Event | None:
            row = self._sessions.end_one(connection, session)
            return ended(by.actor, row["id"], True) if row else None

        self._noted(work)

    def end_from_afar(self, session: str) -> int:
        """Ends a session that ended at the hospital's provider; 1 when it was still open."""
        open_still = 0

        def work(connection: Connection[DictRow]) -> Event | None:
            nonlocal open_still
            row = self._sessions.end_one(connection, session)
            open_still = int(row is not None)
            return ended(DESK.actor, row["id"], True) if row else None

        self._noted(work)
        return open_still

    def change_password(self, token: str, current: str, new: str) -> SignedIn:
        """Changes one's own password, ends every session and opens a new one.

        A wrong current password counts as a failed attempt. Raises SignedOut,
        WrongPassword, Locked, or what is wrong with the new password.
        """
        session = self.required(token)
        account = self._rows.of(session.principal.id)
        attempt = self._attempts.begin(account.username, self._clock())
        if not self._passwords.fits(current, account.hashed):
            self._failed(attempt, account)
        fresh = self._token()
        with self._pool.transaction() as connection:
            self._attempts.clear(connection, attempt.name_hash)
        hashed = self._rows.fresh(account.username, account.name, new)
        with self._ledger.unit(self._pool) as unit:
            self._rows.hold(unit.connection, account)
            self._rows.replace(unit.connection, account.username, hashed)
            self._sessions.end_all(unit.connection, account.person)
            self.pending.cancel(unit.connection, account.person)
            purpose = session.principal.purpose
            opened = self._sessions.open(unit.connection, fresh, account.person, purpose)
            self._sessions.carry(unit.connection, session.id, opened)
            unit.record(changed(session.principal, account.person, "password-changed"))
        self._sessions.forget()
        return self._opened(fresh)

    def reset_password(self, person: str, new: str, *, by: Principal) -> None:
        """Gives a person a new password, ends their sessions and lifts a lock."""
        self._policy.require(by, Action.PEOPLE_CHANGE, ACCOUNT)
        account = self._rows.of(person)
        hashed = self._rows.fresh(account.username, account.name, new)
        with self._ledger.unit(self._pool) as unit:
            self._rows.replace(unit.connection, account.username, hashed)
            self._attempts.clear(unit.connection, self._attempts.name_hash(account.username))
            self._sessions.end_all(unit.connection, person)
            self.pending.cancel(unit.connection, person)
            unit.record(changed(by, person, "password-reset"))
        self._sessions.forget()

    def close(self, person: str, *, by: Principal) -> None:
        """Nobody signs in with this person's account any more."""
        self._policy.require(by, Action.PEOPLE_CHANGE, ACCOUNT)
        with self._ledger.unit(self._pool) as unit:
            if self._rows.close(unit.connection, person):
                unit.record(changed(by, person, "account-closed"))
            self._sessions.end_all(unit.connection, person)
            self.pending.cancel(unit.connection, person)
        self._sessions.forget()

    def _enters(
        self,
        connection: Connection[DictRow],
        token: str,
        person: str,
        purpose: Purpose,
        previous: str | None,
        provided: Sealed | None,
        more: dict[str, str],
    ) -> Event:
        if previous:
            self._sessions.end(connection, previous)
        session = self._sessions.open(connection, token, person, purpose)
        if provided:
            self._sessions.provide(connection, session, provided)
        return entered(person, session, purpose, more)

    def _noted(self, work: Callable[[Connection[DictRow]], Event | None]) -> None:
        """Rows and event in one transaction; without the ledger the chart goes on, and so
        do signing in and out: the event is then written as soon as it can be."""
        try:
            with self._ledger.unit(self._pool) as unit:
                if event := work(unit.connection):
                    unit.record(event)
        except LedgerUnavailable:
            with self._pool.transaction() as connection:
                event = work(connection)
            if event:
                self._ledger.record_soon(event)
        self._sessions.forget()

    def _failed(self, attempt: Attempt, account: Account | None) -> NoReturn:
        event = Event(
            kind=EventKind.SIGN_IN_FAILED,
            actor=DESK.actor,
            subject=f"person:{account.person}" if account else None,
            commits={"name": attempt.name_hash.hex()},
            detail={"failures": attempt.failures, "refused": attempt.refused},
        )
        try:
            self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)
        raise WrongPassword

    def _purpose(
        self, connection: Connection[DictRow], person: str, wanted: Purpose | None
    ) -> Purpose:
        allowed = purposes(roles_of(connection, person, self._clock()))
        if wanted is None:
            return allowed[0] if allowed else Purpose.PERSONAL
        if wanted not in allowed:
            raise Forbidden(action=f"purpose {wanted}", rules="")
        return wanted

    def _opened(self, token: str) -> SignedIn:
        return SignedIn(token, csrf_of(token), self.required(token).principal)
