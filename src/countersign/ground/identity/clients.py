"""Other systems: bearer tokens with scopes and departments, of which only a hash is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .action import Action
from .errors import BadValue, NotFound
from .fresh import Fresh
from .policy import Policy
from .principal import Facts, Principal, Purpose
from .scopes import readable
from .sessions import NewToken, new_token, token_hash

CLIENTS = Facts.house("clients")


@dataclass(frozen=True, slots=True)
class Issued:
    """A new client. The token is shown once and can never be read again."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """Another system as the administrator sees it."""

    id: str
    name: str
    scopes: frozenset[str]
    departments: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class Clients:
    """Issues, checks and revokes bearer tokens, with DbRole.IDENTITY."""

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
        self._fresh: Fresh[tuple[Principal, datetime]] = Fresh()

    def issue(
        self,
        name: str,
        scopes: Iterable[str],
        departments: Iterable[str],
        expires_at: datetime,
        *,
        by: Principal,
    ) -> Issued:
        """Gives another system a token. Raises Forbidden, BadValue for a scope, a department
        or an expiry that cannot be, LedgerUnavailable."""
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        given, places = sorted(set(scopes)), sorted(set(departments))
        issued_at = self._clock()
        if not name.strip():
            raise BadValue(field="name")
        levels = [one.level for one in readable(given)]
        if not given or levels != ["system"] * len(given):
            raise BadValue(field="scopes")
        if expires_at <= issued_at:
            raise BadValue(field="expires_at")
        issued = Issued(self._new_id(), self._token())
        with self._ledger.unit(self._pool) as unit:
            known = unit.connection.execute(
                "select code from identity.department where code = any (%s)", (places,)
            ).fetchall()
            if len(known) < len(places):
                raise BadValue(field="departments")
            unit.connection.execute(
                "insert into identity.client (id, name, token_hash, scopes, departments,"
                " issued_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s)",
                (
                    issued.id,
                    name.strip(),
                    token_hash(issued.token),
                    given,
                    places,
                    issued_at,
                    expires_at,
                ),
            )
            rights = digest(encode({"departments": places, "scopes": given})).hex()
            unit.record(_event(by, issued.id, "client-issued", {"rights": rights}))
        return issued

    def principal_for(self, token: str) -> Principal | None:
        """The client of a bearer token, at most two seconds old; None when it does not hold."""
        now = self._clock()
        key = token_hash(token)
        known = self._fresh.get(key, now)
        if known is None:
            era = self._fresh.era()
            known = self._read(key, now)
            if known is None:
                return None
            self._fresh.keep(key, known, now, era)
        principal, expires_at = known
        return principal if now < expires_at else None

    def revoke(self, client: str, *, by: Principal) -> None:
        """The token holds no more: here at once, elsewhere within two seconds."""
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        with self._ledger.unit(self._pool) as unit:
            rows = unit.connection.execute(
                "update identity.client set revoked_at = coalesce(revoked_at, %s)"
                " where id = %s returning revoked_at",
                (self._clock(), client),
            ).fetchall()
            if not rows:
                raise NotFound
            unit.record(_event(by, client, "client-revoked", {}))
        self._fresh.forget()

    def all(self, *, by: Principal) -> tuple[Client, ...]:
        """Every client ever issued, by name."""
        self._policy.require(by, Action.CLIENTS_READ, CLIENTS)
        rows = self._pool.rows(
            "select id, name, scopes, departments, issued_at, expires_at, revoked_at"
            " from identity.client order by name, issued_at, id"
        )
        return tuple(
            Client(
                row["id"],
                row["name"],
                frozenset(row["scopes"]),
                frozenset(row["departments"]),
                row["issued_at"],
                row["expires_at"],
                row["revoked_at"],
            )
            for row in rows
        )

    def _read(self, key: bytes, now: datetime) -> tuple[Principal, datetime] | None:
        rows = self._pool.rows(
            "select id, name, scopes, departments, expires_at from identity.client"
            " where token_hash = %s and expires_at > %s and revoked_at is null",
            (key, now),
        )
        if not rows:
            return None
        row = rows[0]
        principal = Principal(
            id=row["id"],
            name=row["name"],
            kind="client",
            departments=frozenset(row["departments"]),
            purpose=Purpose.TREATMENT,
            scopes=frozenset(row["scopes"]),
        )
        return principal, row["expires_at"]


def _event(by: Principal, client: str, change: str, commits: dict[str, str]) -> Event:
    return Event(
        kind=EventKind.PERSON_CHANGED,
        actor=by.actor,
        subject=f"client:{client}",
        commits=commits,
        detail={"change": change},
    )
