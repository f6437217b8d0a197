"""Which workstations of other makers may call hooks, and whom of ours they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, LiteralString

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity.action import Action
from countersign.ground.identity.apps import fit_address
from countersign.ground.identity.clients import CLIENTS
from countersign.ground.identity.errors import BadValue, NameTaken
from countersign.ground.identity.fresh import Fresh
from countersign.ground.identity.keysets import public_keys
from countersign.ground.identity.policy import Policy
from countersign.ground.identity.principal import HOOKS, Principal, Purpose
from countersign.ground.identity.rights import standing
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .errors import NoSuchCdsClient

REFERENCE = re.compile(r"[A-Za-z]{1,40}/[A-Za-z0-9.\-]{1,64}")
_ISSUER = re.compile(r"[\x21-\x7e]{1,500}")
_COLUMNS = (
    "select id, name, issuer, jwks, jwks_url, departments, fhir_server, identifies, answered,"
    " added_at, revoked_at from identity.cds_client"
)


@dataclass(frozen=True, slots=True)
class NewCdsClient:
    """What is registered. ``issuer`` is what its tokens name as ``iss``; one of ``jwks`` and
    ``jwks_url`` holds its keys; cards are given for patients of ``departments``;
    ``fhir_server`` is where what it did not send may be fetched from.
    """

    name: str
    issuer: str
    departments: frozenset[str]
    jwks: str | None = None
    jwks_url: str | None = None
    fhir_server: str | None = None


@dataclass(frozen=True, slots=True)
class CdsClient:
    """A registered system. ``identifies`` says that it tells reliably which physician is at
    the screen; ``answered`` is the administrator's switch.
    """

    id: str
    name: str
    issuer: str
    jwks: str | None
    jwks_url: str | None
    departments: frozenset[str]
    fhir_server: str | None
    identifies: bool
    answered: bool
    added_at: datetime
    revoked_at: datetime | None

    @property
    def principal(self) -> Principal:
        """The system itself: it finds patients of its departments and shows their drafts."""
        return Principal(
            self.id,
            self.name,
            "client",
            departments=self.departments,
            purpose=Purpose.TREATMENT,
            scopes=frozenset({HOOKS, "system/Patient.read"}),
        )


@dataclass(frozen=True, slots=True)
class CdsUser:
    """Whom a client means by a reference of its own."""

    client: str
    reference: str
    person: str


class CdsClients:
    """The registry, with DbRole.IDENTITY. Safe to share among threads."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        clock: Clock,
        new_id: NewId,
        zone: tzinfo,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._new_id = new_id
        self._zone = zone
        self._fresh: Fresh[tuple[CdsClient, ...]] = Fresh()
        self._people: Fresh[Principal] = Fresh()

    def add(self, new: NewCdsClient, *, by: Principal) -> str:
        """Registers a system and returns its identifier. Raises Forbidden, BadValue, BadKeys,
        NameTaken, LedgerUnavailable.
        """
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        _check(new)
        identifier, places = self._new_id(), sorted(new.departments)
        with self._ledger.unit(self._pool) as unit:
            known = unit.connection.execute(
                "select code from identity.department where code = any (%s)", (places,)
            ).fetchall()
            if len(known) < len(places):
                raise BadValue(field="departments")
            try:
                unit.connection.execute(
                    "insert into identity.cds_client (id, name, issuer, jwks, jwks_url,"
                    " departments, fhir_server, added_at) values (%s,%s,%s,%s,%s,%s,%s,%s)",
                    (
                        identifier,
                        new.name.strip(),
                        new.issuer,
                        new.jwks,
                        new.jwks_url,
                        places,
                        new.fhir_server,
                        self._clock(),
                    ),
                )
            except UniqueViolation as problem:
                raise NameTaken from problem
            unit.record(_changed(by, identifier, "registered", _commitment(new)))
        self._fresh.forget()
        return identifier

    def switch(self, client: str, *, answered: bool, identifies: bool, by: Principal) -> None:
        """Whether it is answered, and whether it identifies physicians: here at once,
        elsewhere within two seconds.
        """
        said = f"answered={answered} identifies={identifies}".lower()
        self._alter(
            client,
            "update identity.cds_client set answered = %(answered)s, identifies = %(identifies)s"
            " where id = %(client)s and revoked_at is null",
            {"answered": answered, "identifies": identifies},
            said,
            by,
        )

    def revoke(self, client: str, *, by: Principal) -> None:
        """Its tokens hold no more; this cannot be undone."""
        self._alter(
            client,
            "update identity.cds_client set revoked_at = coalesce(revoked_at, %(now)s)"
            " where id = %(client)s",
            {"now": self._clock()},
            "revoked",
            by,
        )

    def link(self, client: str, reference: str, person: str, *, by: Principal) -> None:
        """By this reference the client means this person. Raises BadValue, NameTaken."""
        if not REFERENCE.fullmatch(reference):
            raise BadValue(field="reference")
        try:
            self._alter(
                client,
                "insert into identity.cds_user (client_id, reference, person_id, added_at)"
                " select c.id, %(reference)s, p.id, %(now)s"
                " from identity.cds_client c, identity.person p"
                " where c.id = %(client)s and c.revoked_at is null"
                " and p.id = %(person)s and p.left_at is null",
                {"reference": reference, "person": person, "now": self._clock()},
                "linked",
                by,
                person=f"person:{person}",
            )
        except UniqueViolation as problem:
            raise NameTaken from problem

    def unlink(self, client: str, reference: str, *, by: Principal) -> None:
        """The reference means nobody any more."""
        self._alter(
            client,
            "update identity.cds_user set ended_at = %(now)s"
            " where client_id = %(client)s and reference = %(reference)s and ended_at is null",
            {"reference": reference, "now": self._clock()},
            "unlinked",
            by,
        )

    def all(self, *, by: Principal) -> tuple[CdsClient, ...]:
        """Every system ever registered, by name. Raises Forbidden."""
        self._policy.require(by, Action.CLIENTS_READ, CLIENTS)
        return self._everyone()

    def users(self, *, by: Principal) -> tuple[CdsUser, ...]:
        """Whom the systems mean. Raises Forbidden."""
        self._policy.require(by, Action.CLIENTS_READ, CLIENTS)
        rows = self._pool.rows(
            "select client_id, reference, person_id from identity.cds_user"
            " where ended_at is null order by client_id, reference"
        )
        return tuple(CdsUser(row["client_id"], row["reference"], row["person_id"]) for row in rows)

    def issued_by(self, issuer: str) -> CdsClient:
        """The system whose tokens name this issuer. Raises NoSuchCdsClient."""
        for one in self._everyone():
            if one.issuer == issuer and one.revoked_at is None:
                return one
        raise NoSuchCdsClient

    def serving(self, fhir_server: str) -> CdsClient:
        """The system whose FHIR server this is. Raises NoSuchCdsClient."""
        wanted = fhir_server.rstrip("/")
        for one in self._everyone():
            mine = (one.fhir_server or "").rstrip("/")
            if mine and mine == wanted and one.revoked_at is None:
                return one
        raise NoSuchCdsClient

    def origins(self) -> frozenset[str]:
        """The origins from which systems that run in a browser may call."""
        found = (one.issuer for one in self._everyone() if one.revoked_at is None and one.answered)
        web = (one for one in found if fit_address(one))
        return frozenset("/".join(one.split("/")[:3]) for one in web)

    def person(self, client: CdsClient, reference: str) -> Principal | None:
        """The person of ours whom a client that identifies physicians means, with every right
        of this moment (at most two seconds old); None where nobody is linked.
        """
        if not client.identifies or not REFERENCE.fullmatch(reference):
            return None
        now, key = self._clock(), f"{client.id} {reference}".encode()
        known = self._people.get(key, now)
        if known is None:
            era = self._people.era()
            known = self._meant(client, reference, now)
            if known is not None and not known.lent:  # a delegation that ends, ends at once
                self._people.keep(key, known, now, era)
        return known

    def linked(self, client: CdsClient, person: str | None) -> Principal | None:
        """A person whom this client still means by some reference, with the rights of this
        moment; None where it does not identify physicians, or no longer this one.
        """
        if not client.identifies or person is None:
            return None
        rows = self._pool.rows(
            "select reference from identity.cds_user where client_id = %s and person_id = %s"
            " and ended_at is null order by reference limit 1",
            (client.id, person),
        )
        return self._meant(client, rows[0]["reference"], self._clock()) if rows else None

    def _meant(self, client: CdsClient, reference: str, now: datetime) -> Principal | None:
        with self._pool.reading() as connection:
            row = connection.execute(
                "select person_id from identity.cds_user"
                " where client_id = %s and reference = %s and ended_at is null",
                (client.id, reference),
            ).fetchone()
            if row is None:
                return None
            found = standing(connection, row["person_id"], Purpose.TREATMENT, now, self._zone)
        # What was opened in an emergency was opened at our own screen, and stays there.
        return replace(found, opened=frozenset(), at=None) if found else None

    def _everyone(self) -> tuple[CdsClient, ...]:
        now = self._clock()
        known = self._fresh.get(b"all", now)
        if known is None:
            era = self._fresh.era()
            known = tuple(map(_client, self._pool.rows(_COLUMNS + " order by name, added_at, id")))
            self._fresh.keep(b"all", known, now, era)
        return known

    def _alter(
        self,
        client: str,
        query: LiteralString,
        given: dict[str, object],
        change: str,
        by: Principal,
        **detail: str,
    ) -> None:
        self._policy.require(by, Action.CLIENTS_CHANGE, CLIENTS)
        with self._ledger.unit(self._pool) as unit:
            done = unit.connection.execute(query, {"client": client, **given})
            if done.rowcount == 0:
                raise NoSuchCdsClient
            unit.record(_changed(by, client, change, {}, **detail))
        self._fresh.forget()
        self._people.forget()


def _check(new: NewCdsClient) -> None:
    """Raises BadValue naming the first field that does not fit, BadKeys."""
    fits = {
        "name": 0 < len(new.name.strip()) <= 100 and new.name.strip().isprintable(),
        "issuer": _ISSUER.fullmatch(new.issuer) is not None,
        "departments": bool(new.departments),
        "jwks": (new.jwks is None) != (new.jwks_url is None),
        "jwks_url": new.jwks_url is None or fit_address(new.jwks_url),
        "fhir_server": new.fhir_server is None or fit_address(new.fhir_server),
    }
    for field, fit in fits.items():
        if not fit:
            raise BadValue(field=field)
    if new.jwks is not None:
        public_keys(new.jwks)


def _client(row: DictRow) -> CdsClient:
    known: dict[str, Any] = {**row, "departments": frozenset(row["departments"])}
    return CdsClient(**known)


def _commitment(new: NewCdsClient) -> dict[str, str]:
    rights = {
        "departments": sorted(new.departments),
        "fhir_server": new.fhir_server,
        "issuer": new.issuer,
        "jwks": new.jwks,
        "jwks_url": new.jwks_url,
    }
    return {"rights": digest(encode(rights)).hex()}


def _changed(
    by: Principal, client: str, change: str, commits: dict[str, str], **detail: str
) -> Event:
    return Event(
        kind=EventKind.CDS_CLIENT_CHANGED,
        actor=by.actor,
        subject=f"cds-client:{client}",
        commits=commits,
        detail={"change": change, **detail},
    )
