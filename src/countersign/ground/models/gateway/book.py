"""Keeps which servers there are and who does which work: append-only, each change in the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.egress import Egress
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.models.asking import Priority, Work
from countersign.ground.models.card import ModelRef
from countersign.ground.models.registry import Registry
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.json import JSON

from .access import Access
from .errors import NoSuchServer, UnfitAssignment, UnfitServer
from .naming import card_of_model, card_of_speech_model, digest_of_model
from .serving import Assignment, Choice, NewServer, Served, Server, State
from .terms import (
    BOUNDS_RULE,
    CHAIN_RULE,
    NAME_RULE,
    NOT_LISTED,
    PLACES_RULE,
    PRICE_RULE,
    TAKEN,
    TOKEN_RULE,
    UNSERVED,
)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
LONGEST_CHAIN = 6
MOST_MODELS = 200

Probing = Callable[[Access], JSON]
"""Looks at a server: ``{"said": {model: what the list says}, "able": {model: {ability: bool}}}``
and whatever else the page shows. Raises Trouble where nothing could be found out."""


def listing(access: Access) -> JSON:
    """The least that a probe finds: which models there are and what the server says of them."""
    return {"said": access.models(), "able": {}}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a server, for its history."""

    at: datetime
    actor: str
    what: str


class Servers:
    """``pool`` logs in as STEWARD. Who may change something is asked by the page's guard."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        registry: Registry,
        egress: Egress,
        clock: Clock,
        probing: Probing = listing,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._registry = registry
        self._egress = egress
        self._clock = clock
        self._probing = probing
        self._tokens: dict[int, str | None] = {}

    def all(self) -> dict[str, Server]:
        """Every server that was not removed, by name."""
        served: dict[str, list[Served]] = {}
        for row in self._pool.rows(_SERVED):
            ref = ModelRef(row["name"], row["version"], row["digest"].hex())
            served.setdefault(row["server"], []).append(Served(row["model"], ref))
        found: dict[str, Server] = {}
        for row in self._pool.rows(_SERVERS):
            row["state"] = State(row["state"])
            probed: JSON = row["probed"] or {}
            present = set(map(str, probed.get("said", {})))
            models = [one for one in served.get(row["name"], []) if one.model in present]
            found[row["name"]] = Server(**row, models=tuple(models))
        return found

    def one(self, name: str) -> Server:
        """Raises NoSuchServer, also for one that was removed."""
        found = self.all().get(name)
        if found is None:
            raise NoSuchServer(name=name[:80])
        return found

    def put(self, by: Principal, new: NewServer, *, known: bool = False) -> Server:
        """Adds a server, or with ``known`` changes one that is there. Raises UnfitServer.

        A token is for the address that it was given for: at another it is asked for anew.
        """
        self._check(new, known)
        if not known:
            self._write(by, new, State.SERVING, "added")
            return self.one(new.name)
        old = self.one(new.name)
        if new.token is None and old.token_number is not None and new.address != old.address:
            new = replace(new, token="")
        self._write(by, new, old.state, "changed")
        return self.one(new.name)

    def set_state(self, by: Principal, name: str, state: State) -> None:
        """Drains, resumes or removes a server. Raises NoSuchServer."""
        old = self.one(name)
        gone = state is State.REMOVED and old.token_number is not None
        kept = NewServer(
            old.name,
            old.address,
            old.places,
            old.price_in,
            old.price_out,
            old.notes,
            token="" if gone else None,
        )
        self._write(by, kept, state, str(state))

    def probe(self, by: Principal, name: str, *, quickly: bool = False) -> Server:
        """Looks at a server and registers the models that it offers; ``quickly`` takes its list
        alone, and what an earlier probe found.

        Raises NoSuchServer, and Trouble where the server does not answer.
        """
        server = self.one(name)
        probing = listing if quickly else self._probing
        found = _with_known(probing(self.access(server)), server.probed or {})
        heard = heard_only(self.assignments())
        refs = {
            model: self._register(by, model, found, speech=Choice(name, model) in heard)
            for model in list(found.get("said", {}))[:MOST_MODELS]
        }
        with self._ledger.unit(self._pool) as unit:
            now = self._clock()
            unit.connection.execute(
                "insert into models.probe (server, probed, actor, at) values (%s, %s, %s, %s)",
                (name, Jsonb(found), by.actor, now),
            )
            for model, ref in refs.items():
                self._serves(unit, Choice(name, model), ref)
            unit.record(
                Event(
                    EventKind.MODEL_SERVER_PROBED,
                    by.actor,
                    subject=f"model-server:{name}",
                    detail={"models": len(refs)},
                )
            )
        return self.one(name)

    def access(self, server: Server) -> Access:
        """How the server is reached; its token is opened for this one use."""
        return Access(self._egress, server.name, server.address, self._token(server))

    def assignments(self) -> dict[Work, Assignment]:
        """Who does what; a kind of work with an empty chain has nobody."""
        known = {str(one) for one in Work}
        return {
            Work(row["work"]): _assignment(row)
            for row in self._pool.rows(_ASSIGNMENTS)
            if row["work"] in known
        }

    def assign(self, by: Principal, new: Assignment) -> None:
        """A model that from now on only writes down speech gets the card of one, and one that
        does so no more its former. Raises UnfitAssignment."""
        self._check_assignment(new)
        renamed = self._renamed(by, new)
        chain = [{"server": one.server, "model": one.model} for one in new.chain]
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into models.assignment (work, chain, seconds, cap, tokens_day, money_day,"
                " person_hour, room_hour, actor, at)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    str(new.work), Jsonb(chain), new.seconds, int(new.cap), new.tokens_day,
                    new.money_day, new.person_hour, new.room_hour, by.actor, self._clock(),
                ),
            )  # fmt: skip
            for choice, ref in renamed.items():
                self._serves(unit, choice, ref)
            first = new.chain[0] if new.chain else None
            unit.record(
                Event(
                    EventKind.MODEL_ASSIGNED,
                    by.actor,
                    subject=f"work:{new.work}",
                    detail={
                        "choices": len(new.chain),
                        "server": first.server if first else "none",
                        "model": _plain(first.model) if first else "none",
                    },
                )
            )

    def history(self, name: str) -> list[Step]:
        """What was done to a server, the newest first."""
        return [Step(**row) for row in self._pool.rows(_HISTORY, (name, name))]

    def _renamed(self, by: Principal, new: Assignment) -> dict[Choice, ModelRef]:
        """What an assignment makes another sort of model, as registered from now on."""
        old, servers = self.assignments(), self.all()
        after = {**old, new.work: new}
        was, now = heard_only(old), heard_only(after)
        found: dict[Choice, ModelRef] = {}
        for one in sorted(was ^ now, key=str):
            server = servers.get(one.server)
            if server is not None and server.served(one.model) is not None:
                probed = server.probed or {}
                found[one] = self._register(by, one.model, probed, speech=one in now)
        return found

    def _register(self, by: Principal, model: str, found: JSON, *, speech: bool) -> ModelRef:
        """``found`` is what a probe found of the whole server."""
        said, able = found.get("said", {}).get(model), found.get("able", {}).get(model, {})
        digest = digest_of_model(model, said, able, speech=speech)
        card = (card_of_speech_model if speech else card_of_model)(model, digest)
        return self._registry.register(card, digest, by)

    def _serves(self, unit: Unit, one: Choice, ref: ModelRef) -> None:
        unit.connection.execute(
            "insert into models.served (server, model, name, version, digest, at)"
            " values (%s, %s, %s, %s, %s, %s)",
            (one.server, one.model, ref.name, ref.version, bytes.fromhex(ref.digest),
             self._clock()),
        )  # fmt: skip

    def _write(self, by: Principal, new: NewServer, state: State, what: str) -> None:
        now = self._clock()
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into models.server (name, address, places, price_in, price_out, notes,"
                " state, actor, at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    new.name, new.address, new.places, new.price_in, new.price_out, new.notes,
                    str(state), by.actor, now,
                ),
            )  # fmt: skip
            if new.token is not None:
                box = self._vault.seal(HOUSE, new.token.encode(), f"server-token/{new.name}")
                unit.connection.execute(
                    "insert into models.server_token (server, suite, key_id, box, at)"
                    " values (%s, %s, %s, %s, %s)",
                    (new.name, box.suite, box.key_id, box.box, now),
                )
            unit.record(
                Event(
                    EventKind.MODEL_SERVER_CHANGED,
                    by.actor,
                    subject=f"model-server:{new.name}",
                    detail={
                        "what": what,
                        "address": _plain(new.address),
                        "places": new.places,
                        "token": new.token is not None,
                    },
                )
            )

    def _token(self, server: Server) -> str | None:
        number = server.token_number
        if number is None or number in self._tokens:
            return self._tokens.get(number or 0)
        row = self._pool.rows(
            "select suite, key_id, box from models.server_token where number = %s",
            (number,),
        )[0]
        opened = self._vault.open(HOUSE, Sealed(**row), f"server-token/{server.name}").decode()
        self._tokens[number] = opened or None
        return self._tokens[number]

    def _check(self, new: NewServer, known: bool) -> None:
        if not _NAME.fullmatch(new.name):
            raise UnfitServer(what=NAME_RULE)
        if not known and new.name in self.all():
            raise UnfitServer(what=TAKEN)
        if not self._egress.allows(new.address):
            raise UnfitServer(what=NOT_LISTED)
        if not 1 <= new.places <= 4096:
            raise UnfitServer(what=PLACES_RULE)
        if new.price_in < 0 or new.price_out < 0 or len(new.notes) > 1000:
            raise UnfitServer(what=PRICE_RULE)
        if new.token is not None and not (new.token.isascii() and new.token.isprintable()):
            raise UnfitServer(what=TOKEN_RULE)

    def _check_assignment(self, new: Assignment) -> None:
        servers = self.all()
        if len(new.chain) > LONGEST_CHAIN or len(set(new.chain)) != len(new.chain):
            raise UnfitAssignment(what=CHAIN_RULE)
        for one in new.chain:
            if one.server not in servers or servers[one.server].served(one.model) is None:
                raise UnfitAssignment(what=UNSERVED)
        bounds = (new.tokens_day, new.money_day, new.person_hour, new.room_hour)
        if not 1 <= new.seconds <= 3600 or any(one is not None and one <= 0 for one in bounds):
            raise UnfitAssignment(what=BOUNDS_RULE)


def heard_only(assignments: Mapping[Work, Assignment]) -> frozenset[Choice]:
    """The models that write down speech and are assigned to no other work."""
    speech = assignments.get(Work.SPEECH)
    rest = {one for work, a in assignments.items() if work is not Work.SPEECH for one in a.chain}
    return frozenset(speech.chain if speech else ()) - rest


def _with_known(found: JSON, before: JSON) -> JSON:
    """What a probe in a hurry left open stays as an earlier one found it, where the server says
    the same of the model; so a model does not become another because a server was busy."""
    able: dict[str, dict[str, bool]] = {}
    for model, said in found.get("said", {}).items():
        same = before.get("said", {}).get(model) == said
        known: dict[str, bool] = before.get("able", {}).get(model, {}) if same else {}
        now: dict[str, bool] = found.get("able", {}).get(model, {})
        able[str(model)] = {**known, **now}
    return {**found, "able": able}


def _assignment(row: Mapping[str, Any]) -> Assignment:
    return Assignment(
        work=Work(row["work"]),
        chain=tuple(Choice(one["server"], one["model"]) for one in row["chain"]),
        seconds=row["seconds"],
        cap=Priority(row["cap"]),
        tokens_day=row["tokens_day"],
        money_day=_money(row["money_day"]),
        person_hour=row["person_hour"],
        room_hour=row["room_hour"],
    )


def _money(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.normalize() + 0


def _plain(text: str) -> str:
    """Of what somebody wrote, what an event may hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:200] or "?"


_SERVERS = """
select s.name, s.address, s.places, s.price_in, s.price_out, s.notes, s.state, s.actor, s.at,
    t.number as token_number, p.probed, p.at as probed_at
from (select distinct on (name) * from models.server order by name, number desc) s
left join lateral (select number from models.server_token k
    where k.server = s.name order by number desc limit 1) t on true
left join lateral (select probed, at from models.probe o
    where o.server = s.name order by number desc limit 1) p on true
where s.state <> 'removed' order by s.name
"""

_SERVED = """
select distinct on (server, model) server, model, name, version, digest
from models.served order by server, model, number desc
"""

_ASSIGNMENTS = """
select distinct on (work) work, chain, seconds, cap, tokens_day, money_day, person_hour, room_hour
from models.assignment order by work, number desc
"""

_HISTORY = """
select at, actor, what from (
    select number, at, actor, case when lag(state) over w is null then 'added'
        when lag(state) over w <> state then state else 'changed' end as what
    from models.server where name = %s window w as (order by number)
    union all
    select number, at, actor, 'probed' from models.probe where server = %s
) steps order by at desc, number desc limit 200
"""
