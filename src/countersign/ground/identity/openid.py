"""To the hospital's own sign-in and back: OpenID Connect, authorization code flow with PKCE."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger, LedgerUnavailable
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode, encode

from .accounts import Accounts, SignedIn
from .errors import SecondFactorNeeded, TokenRefused, UnknownSubject
from .idtoken import SKEW, Claims, Expected, judged, key_id
from .links import Links
from .presence import Presences, Way
from .provider import Provider
from .sessions import NewToken, Session, new_token, token_hash
from .steps import DESK

PATIENCE = timedelta(minutes=10)
"""How long somebody may take at the provider's page."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the browser brings back from the provider, as it stands in the address."""

    state: str
    code: str
    error: str = ""
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody is back. Exactly one of the three: a session, a half one, or a fresh presence."""

    back: str
    signed_in: SignedIn | None = field(default=None, repr=False)
    pending: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Journey:
    nonce: str
    verifier: str
    back: str
    began: datetime
    session: str | None


class OpenId:
    """The journeys lie in the database: the browser may come back to any process."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        provider: Provider,
        links: Links,
        accounts: Accounts,
        presences: Presences,
        clock: Clock,
        token: NewToken = new_token,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._provider = provider
        self._links = links
        self._accounts = accounts
        self._presences = presences
        self._clock = clock
        self._token = token

    def begin(self, browser: str, redirect: str, back: str, session: Session | None = None) -> str:
        """The provider's address to go to. ``browser`` is the secret cookie of this browser.

        With a ``session`` it is presence that is to be proved: the provider must ask again.
        Raises EgressRefused, EgressFailed, ProviderBroken.
        """
        target = self._provider.description().authorization
        state, nonce, verifier = self._token(), self._token(), self._token()
        now = self._clock()
        content = {"nonce": nonce, "verifier": verifier, "back": back, "began": now.isoformat()}
        key = token_hash(state)
        box = self._vault.seal(HOUSE, encode(content), f"journey/{key.hex()}")
        with self._pool.transaction() as connection:
            connection.execute("delete from identity.journey where expires_at < %s", (now,))
            connection.execute(
                "insert into identity.journey values (%s, %s, %s, %s, %s, %s, %s)",
                (key, token_hash(browser), session.id if session else None, box.suite,
                 box.key_id, box.box, now + PATIENCE),
            )  # fmt: skip
        asked = {
            "response_type": "code",
            "client_id": self._provider.settings.client,
            "redirect_uri": redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        if session:
            asked |= {"prompt": "login", "max_age": "0"}
        return f"{target}{'&' if '?' in target else '?'}{urlencode(asked)}"

    def finish(
        self, browser: str | None, answered: Answered, redirect: str, token: str | None
    ) -> Arrived:
        """Lets in whom the provider vouches for; ``token`` is this browser's present session.

        Raises TokenRefused, UnknownSubject, SignedOut, ProviderBroken and the errors of egress;
        each leaves an event.
        """
        try:
            journey = self._journey(browser, answered)
            raw = self._token_of(answered, journey, redirect)
            settings = self._provider.settings
            expected = Expected(settings.issuer, settings.client, journey.nonce)
            keys = self._provider.keys(key_id(raw))
            claims = judged(raw, keys, expected, self._clock())
            if journey.session:
                return self._again(journey, claims, token)
            return self._enter(journey, claims, raw, token)
        except CountersignError as problem:
            if browser is not None:  # without its cookie nobody began anything here
                self._failed(problem)
            raise

    def farewell(self, token: str | None, home: str) -> str | None:
        """Where the provider's own session ends, or None for a session that is none of its.

        To be asked once, as the session ends here (RP-Initiated Logout 1.0, 2).
        """
        if not token:
            return None
        rows = self._pool.rows(
            "select p.* from identity.provided p join identity.session s on s.id = p.session_id"
            " where s.token_hash = %s",
            (token_hash(token),),
        )
        described = self._provider.known() if rows else None
        if described is None or described.end_session is None:
            return None
        sealed = Sealed(rows[0]["suite"], rows[0]["key_id"], rows[0]["box"])
        asked = {
            "id_token_hint": self._vault.open(HOUSE, sealed, "provided").decode(),
            "client_id": self._provider.settings.client,
            "post_logout_redirect_uri": home,
        }
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from identity.provided where session_id = %s", (rows[0]["session_id"],)
            )
        target = described.end_session
        return f"{target}{'&' if '?' in target else '?'}{urlencode(asked)}"

    def _journey(self, browser: str | None, answered: Answered) -> _Journey:
        """The journey of this state, which is used up by this very look at it."""
        key = token_hash(answered.state)
        with self._pool.transaction() as connection:
            row = connection.execute(
                "delete from identity.journey where state_hash = %s returning *", (key,)
            ).fetchone()
        if row is None or row["expires_at"] < self._clock() or not _same(browser, row):
            raise TokenRefused(reason="state")
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        said = decode(self._vault.open(HOUSE, sealed, f"journey/{key.hex()}"))
        began = datetime.fromisoformat(said["began"])
        return _Journey(said["nonce"], said["verifier"], said["back"], began, row["session_id"])

    def _token_of(self, answered: Answered, journey: _Journey, redirect: str) -> str:
        if answered.error:
            raise TokenRefused(reason="declined")
        # RFC 9207: an answer of another provider is not taken for one of ours.
        if answered.issuer not in (None, self._provider.settings.issuer):
            raise TokenRefused(reason="issuer")
        if not 0 < len(answered.code) <= 2048:
            raise TokenRefused(reason="code")
        return self._provider.exchange(answered.code, journey.verifier, redirect)

    def _enter(self, journey: _Journey, claims: Claims, raw: str, token: str | None) -> Arrived:
        issuer = self._provider.settings.issuer
        person = self._links.person(issuer, claims.subject)
        if person is None:
            arrival = self._links.arrive(issuer, claims.subject, claims.label)
            raise UnknownSubject(reference=arrival.reference)
        provided = self._vault.seal(HOUSE, raw.encode(), "provided")
        try:
            signed_in = self._accounts.enter(
                person, lambda _: None, previous=token, provided=provided
            )
        except SecondFactorNeeded as needed:
            return Arrived(journey.back, pending=needed.pending)
        return Arrived(journey.back, signed_in=signed_in)

    def _again(self, journey: _Journey, claims: Claims, token: str | None) -> Arrived:
        """Presence: the same person, in the session that asked, and not a moment older."""
        session = self._accounts.required(token)
        person = self._links.person(self._provider.settings.issuer, claims.subject)
        if session.id != journey.session or person is None or person != session.principal.id:
            raise TokenRefused(reason="person")
        at = claims.authenticated_at
        if at is None or at < journey.began - SKEW:
            raise TokenRefused(reason="time")
        with self._ledger.unit(self._pool) as unit:
            self._presences.record(unit.connection, person, session.id, Way.OPENID)
            unit.record(
                Event(
                    kind=EventKind.STEPPED_UP,
                    actor=session.principal.actor,
                    subject=f"session:{session.id}",
                    detail={"way": str(Way.OPENID)},
                )
            )
        return Arrived(journey.back)

    def _failed(self, problem: CountersignError) -> None:
        reason = problem.details.get("reason", problem.code)
        event = Event(
            kind=EventKind.SIGN_IN_FAILED,
            actor=DESK.actor,
            detail={"way": str(Way.OPENID), "reason": str(reason)},
        )
        try:
            self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)


def _challenge(verifier: str) -> str:
    """PKCE with S256 (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _same(browser: str | None, row: DictRow) -> bool:
    return browser is not None and hmac.compare_digest(token_hash(browser), row["browser_hash"])
