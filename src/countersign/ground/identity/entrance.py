"""Every way to prove who one is, put together: at sign-in, and again before what weighs most."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.egress import Egress
from countersign.ground.ledger import Event, EventKind, Ledger, LedgerUnavailable
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId

from .accounts import Accounts, SignedIn
from .backchannel import BackChannel
from .enrolment import Enrolment
from .errors import Locked, NoProvider, SignedOut, WrongProof
from .factors import Enrolled, Factors
from .links import Links
from .lockout import Attempts
from .openid import OpenId
from .passkeys import Party, Passkeys
from .pending import Waiting
from .policy import Policy
from .presence import Presences, Proved
from .principal import Principal
from .provider import Provider, ProviderSettings
from .sessions import token_hash

STEP_UP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Password:
    """The person's own password."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits of the application, or a recovery code."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passkey:
    """What the browser answered for a passkey, as JSON."""

    text: str = field(repr=False)


Proof = Password | Code | Passkey


@dataclass(frozen=True, slots=True)
class Ways:
    """By what a person can prove presence; ``passkey`` holds what the browser needs."""

    password: bool
    code: bool
    passkey: str | None
    openid: bool


class Entrance:
    """Sign-in beyond the password. One for each process; safe to share among threads."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        vault: Vault,
        egress: Egress,
        accounts: Accounts,
        clock: Clock,
        new_id: NewId,
        key: bytes,
        *,
        provider: ProviderSettings | None = None,
        step_up: timedelta = STEP_UP,
    ) -> None:
        """``pool`` is that of DbRole.IDENTITY; ``key`` hides subjects and codes."""
        self._pool = pool
        self._ledger = ledger
        self._accounts = accounts
        self._clock = clock
        # Under a key of their own, so that nobody can be locked out here by typing at sign-in.
        self._attempts = Attempts(pool, hmac.digest(key, b"second factors", "sha256"))
        self._factors = Factors(pool, ledger, vault, clock, new_id, key)
        self._passkeys = Passkeys(self._factors, clock, key)
        self.presences = Presences(pool, clock, new_id, step_up)
        self.enrolment = Enrolment(accounts, self._factors, self._passkeys, self.presences, policy)
        self.links = Links(pool, ledger, policy, vault, clock, new_id, key)
        known = provider and Provider(egress, provider, clock)
        self._openid = known and OpenId(
            pool, ledger, vault, known, self.links, accounts, self.presences, clock
        )
        self._afar = known and BackChannel(pool, vault, known, self.links, accounts, clock)

    @property
    def openid(self) -> OpenId:
        """The hospital's own sign-in. Raises NoProvider."""
        if self._openid is None:
            raise NoProvider
        return self._openid

    @property
    def afar(self) -> BackChannel:
        """Sign-outs that begin at the hospital's provider. Raises NoProvider."""
        if self._afar is None:
            raise NoProvider
        return self._afar

    @property
    def local(self) -> bool:
        """Whether anybody signs in with a password here."""
        return self._accounts.local

    @property
    def has_provider(self) -> bool:
        """Whether the hospital's own sign-in is set up."""
        return self._openid is not None

    def waiting(self, pending: str | None) -> Waiting | None:
        """Who owes a second proof behind this token."""
        return self._accounts.pending.find(pending)

    def asked(self, pending: str, party: Party) -> Ways:
        """What may be given as the second proof of a half sign-in. Raises SignedOut."""
        waiting = self.waiting(pending)
        if waiting is None:
            raise SignedOut
        passkey = self._passkeys.ask(token_hash(pending), party, waiting.person)
        return Ways(False, True, passkey, False)

    def finish(
        self, pending: str, proof: Code | Passkey, party: Party, previous: str | None
    ) -> SignedIn:
        """The second proof of a half sign-in.

        Raises SignedOut, WrongProof, PasskeyRefused, Locked; what is refused leaves an event.
        """
        waiting = self.waiting(pending)
        if waiting is None:
            raise SignedOut
        try:
            proved = self._proved(waiting.person, token_hash(pending), proof, party)
            return self._accounts.finish(pending, proved, previous)
        except CountersignError as problem:
            self._refused(EventKind.SIGN_IN_FAILED, waiting.person, None, problem)
            raise

    def finish_enrolled(
        self, pending: str, code: str, previous: str | None
    ) -> tuple[SignedIn, Enrolled]:
        """Sets the application up at sign-in, where it is demanded, and lets in."""
        holder = self.enrolment.newcomer(pending)
        enrolled = self.enrolment.confirm(holder, code)
        return self._accounts.finish(pending, None, previous), enrolled

    def finish_registered(
        self, pending: str, answer: str, label: str, party: Party, previous: str | None
    ) -> tuple[SignedIn, Enrolled]:
        """Sets a passkey up at sign-in, where it is demanded, and lets in."""
        holder = self.enrolment.newcomer(pending)
        enrolled = self.enrolment.register(holder, party, answer, label)
        return self._accounts.finish(pending, None, previous), enrolled

    def ways(self, token: str, party: Party) -> Ways:
        """By what the person of a session can prove presence. Raises SignedOut."""
        person = self._accounts.required(token).principal.id
        return Ways(
            password=self._accounts.has_password(person),
            code=any(one.kind == "totp" for one in self._factors.of(person))
            or self._factors.codes_left(person) > 0,
            passkey=self._passkeys.ask(token_hash(token), party, person),
            openid=self.has_provider and self.links.linked(person),
        )

    def step_up(self, token: str | None, proof: Proof, party: Party) -> Principal:
        """Writes that the person of this session proved again to be there.

        Raises SignedOut, WrongPassword, WrongProof, PasskeyRefused, Locked; what is refused
        leaves an event.
        """
        session = self._accounts.required(token)
        person = session.principal.id
        try:
            proved = self._proved(person, token_hash(token or ""), proof, party)
            with self._ledger.unit(self._pool) as unit:
                proved.settle(unit.connection)
                self.presences.record(unit.connection, person, session.id, proved.way)
                unit.record(
                    Event(
                        kind=EventKind.STEPPED_UP,
                        actor=session.principal.actor,
                        subject=f"session:{session.id}",
                        detail={"way": str(proved.way)},
                    )
                )
        except CountersignError as problem:
            self._refused(EventKind.STEP_UP_REFUSED, person, session.id, problem)
            raise
        return session.principal

    def _proved(self, person: str, holder: bytes, proof: Proof, party: Party) -> Proved:
        if isinstance(proof, Password):
            return self._accounts.prove_password(person, proof.text)
        attempt = self._attempts.begin(person, self._clock())
        if isinstance(proof, Passkey):
            proved = self._passkeys.proved(holder, party, person, proof.text)
        else:
            proved = self._factors.code(person, proof.text)
        if proved is None:
            raise WrongProof

        def settle(connection: Connection[DictRow]) -> None:
            proved.settle(connection)
            self._attempts.clear(connection, attempt.name_hash)

        return Proved(proved.way, settle)

    def _refused(
        self, kind: EventKind, person: str, session: str | None, problem: CountersignError
    ) -> None:
        if isinstance(problem, Locked) or problem.status >= 500:
            return  # what was not tried, or could not be judged, says nothing of the person
        event = Event(
            kind=kind,
            actor=f"person:{person}" if session else "system:sign-in",
            subject=f"session:{session}" if session else f"person:{person}",
            detail={"reason": problem.code},
        )
        try:
            self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)
