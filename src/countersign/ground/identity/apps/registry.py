"""Which apps and services an administrator has registered; no other is heard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity.action import Action
from countersign.ground.identity.clients import CLIENTS
from countersign.ground.identity.errors import BadValue, NameTaken
from countersign.ground.identity.fresh import Fresh
from countersign.ground.identity.policy import Policy
from countersign.ground.identity.principal import Principal
from countersign.ground.identity.scopes import Scopes, read_scopes
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .errors import NoSuchApp

LOOPBACK = ("127.0.0.1", "localhost", "::1")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[\x21-\x7e]{1,1000}")
_COLUMNS = (
    "select id, name, kind, redirect_uris, launch_uri, scopes, departments, jwks, jwks_url,"
    " introspects, added_at, revoked_at from identity.app"
)


class AppKind(StrEnum):
    """How an app proves who it is: by PKCE alone, or by a key that it registered."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"
    BACKEND = "backend"


@dataclass(frozen=True, slots=True)
class NewApp:
    """What is registered. ``redirect_uris`` are compared letter by letter; ``departments``
    belong to backend services, which see these departments' patients; ``introspects`` lets
    it ask about the tokens of other apps.
    """

    name: str
    kind: AppKind
    scopes: Scopes
    redirect_uris: tuple[str, ...] = ()
    launch_uri: str | None = None
    departments: frozenset[str] = frozenset()
    jwks: str | None = None
    jwks_url: str | None = None
    introspects: bool = False
    id: str | None = None


@dataclass(frozen=True, slots=True)
class App:
    """A registered app. ``redirect_uris`` of a backend service are empty."""

    id: str
    name: str
    kind: AppKind
    redirect_uris: tuple[str, ...]
    launch_uri: str | None
    scopes: Scopes
    departments: frozenset[str]
    jwks: str | None
    jwks_url: str | None
    introspects: bool
    added_at: datetime
    revoked_at: datetime | None


class AppRegistry:
    """The registry, with DbRole.IDENTITY. Safe to share among threads."""

    def __init__(
        self, pool: Pool, ledger: Ledger, policy: Policy, clock: Clock, new_id: NewId
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._new_id = new_id
        self._fresh: Fresh[tuple[App, ...]] = Fresh()

    def add(self, new: NewApp, *, by: Principal) -> str:
        """Registers an app and returns its identifier. Raises Forbidden, BadValue with what
        is wrong, NameTaken, LedgerUnavailable.
        """
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        _check(new)
        identifier = new.id or self._new_id()
        places = sorted(new.departments)
        with self._ledger.unit(self._pool) as unit:
            known = unit.connection.execute(
                "select code from identity.department where code = any (%s)", (places,)
            ).fetchall()
            if len(known) < len(places):
                raise BadValue(field="departments")
            try:
                unit.connection.execute(
                    "insert into identity.app (id, name, kind, redirect_uris, launch_uri, scopes,"
                    " departments, jwks, jwks_url, introspects, added_at)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    (
                        identifier,
                        new.name.strip(),
                        str(new.kind),
                        list(new.redirect_uris),
                        new.launch_uri,
                        new.scopes.listed,
                        places,
                        new.jwks,
                        new.jwks_url,
                        new.introspects,
                        self._clock(),
                    ),
                )
            except UniqueViolation as problem:
                raise NameTaken from problem
            unit.record(_changed(by, identifier, "registered", _commitment(new)))
        self._fresh.forget()
        return identifier

    def revoke(self, app: str, *, by: Principal) -> None:
        """The app and all its tokens hold no more: here at once, elsewhere within two seconds."""
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        with self._ledger.unit(self._pool) as unit:
            done = unit.connection.execute(
                "update identity.app set revoked_at = coalesce(revoked_at, %s) where id = %s",
                (self._clock(), app),
            )
            if done.rowcount == 0:
                raise NoSuchApp
            unit.record(_changed(by, app, "revoked", {}))
        self._fresh.forget()

    def all(self, *, by: Principal) -> tuple[App, ...]:
        """Every app ever registered, by name. Raises Forbidden."""
        self._policy.require(by, Action.CLIENTS_READ, CLIENTS)
        return self._everyone()

    def find(self, app: str) -> App:
        """A registered app that is not revoked, at most two seconds old. Raises NoSuchApp."""
        for one in self._everyone():
            if one.id == app and one.revoked_at is None:
                return one
        raise NoSuchApp

    def launchable(self) -> tuple[App, ...]:
        """The apps that can be opened from a chart."""
        return tuple(one for one in self._everyone() if one.launch_uri and one.revoked_at is None)

    def origins(self) -> frozenset[str]:
        """The origins of registered apps, whose pages may call this server from a browser."""
        return frozenset(
            origin_of(uri)
            for one in self._everyone()
            if one.revoked_at is None
            for uri in one.redirect_uris
        )

    def _everyone(self) -> tuple[App, ...]:
        now = self._clock()
        known = self._fresh.get(b"all", now)
        if known is None:
            era = self._fresh.era()
            rows = self._pool.rows(_COLUMNS + " order by name, added_at, id")
            known = tuple(map(_app, rows))
            self._fresh.keep(b"all", known, now, era)
        return known


def origin_of(uri: str) -> str:
    """``scheme://host[:port]`` of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def fit_address(uri: str) -> bool:
    """Whether an app may be sent there: https, or http on the person's own machine; without
    a fragment (RFC 6749, 3.1.2) or a name and password.
    """
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    plain = "#" not in uri and "\\" not in uri and parts.username is None
    return bool(host) and secure and plain and _ADDRESS.fullmatch(uri) is not None


def _check(new: NewApp) -> None:
    """Raises BadValue naming the first field that does not fit."""
    backend, public = new.kind is AppKind.BACKEND, new.kind is AppKind.PUBLIC
    rights = new.scopes.rights
    others = new.scopes.of("patient", "user") if backend else new.scopes.of("system")
    addresses: Iterable[str] = filter(None, (*new.redirect_uris, new.launch_uri))
    fits = {
        "name": 0 < len(new.name.strip()) <= 100 and new.name.strip().isprintable(),
        "id": new.id is None or IDENTIFIER.fullmatch(new.id) is not None,
        "scopes": bool(rights) and not others and not (backend and new.scopes.context),
        "redirect_uris": bool(new.redirect_uris) != backend and all(map(fit_address, addresses)),
        "launch_uri": not (backend and new.launch_uri),
        "departments": bool(new.departments) == backend,
        "jwks": public == (not new.jwks and not new.jwks_url) and not (new.jwks and new.jwks_url),
        "jwks_url": new.jwks_url is None or fit_address(new.jwks_url),
        "introspects": not (public and new.introspects),
    }
    for field, fit in fits.items():
        if not fit:
            raise BadValue(field=field)


def _app(row: DictRow) -> App:
    return App(
        row["id"],
        row["name"],
        AppKind(row["kind"]),
        tuple(row["redirect_uris"]),
        row["launch_uri"],
        read_scopes(row["scopes"]),
        frozenset(row["departments"]),
        row["jwks"],
        row["jwks_url"],
        row["introspects"],
        row["added_at"],
        row["revoked_at"],
    )


def _commitment(new: NewApp) -> dict[str, str]:
    rights = {
        "departments": sorted(new.departments),
        "introspects": new.introspects,
        "jwks": new.jwks,
        "jwks_url": new.jwks_url,
        "kind": str(new.kind),
        "launch_uri": new.launch_uri,
        "redirect_uris": list(new.redirect_uris),
        "scopes": new.scopes.listed,
    }
    return {"rights": digest(encode(rights)).hex()}


def _changed(by: Principal, app: str, change: str, commits: dict[str, str]) -> Event:
    return Event(
        kind=EventKind.APP_CHANGED,
        actor=by.actor,
        subject=f"app:{app}",
        commits=commits,
        detail={"change": change},
    )
