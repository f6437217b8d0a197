"""A gateway of a small hospital on a test's database, before the fault server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress, places
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventKind, EventQuery, Ledger, Recorded, open_signer
from countersign.ground.models import (
    Asked,
    Assignment,
    Breakers,
    Choice,
    Dataset,
    Gateway,
    ModelCard,
    ModelDesk,
    ModelKind,
    ModelRef,
    NewServer,
    NotMeasured,
    Places,
    Prompt,
    Registry,
    Servers,
    Source,
    Switch,
    Work,
)
from countersign.ground.vault import Vault, open_keys
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from countersign.kit.words import Words

ADMIN = Principal("adm-1", "An administrator", "person")
WANG = Principal("wang", "Dr Wang", "person")
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "number", "minimum": 0}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}
SECRET = "hyperkalaemia-of-Wang-Xiaoming"
MARK = "0123456789abcdef0123456789abcdef"


@dataclass
class Ward:
    """Everything that asking needs; ``address`` is the fault server's."""

    database: Database
    ledger: Ledger
    switch: Switch
    registry: Registry
    egress: Egress
    servers: Servers
    gateway: Gateway
    desk: ModelDesk
    prose: Prompt
    form: Prompt

    before: tuple[int, int] = (0, 0)

    def begin(self) -> None:
        """A new test on the same hospital: nothing rests, nobody is assigned, nothing was asked."""
        self.gateway.calls.settle()
        self.database.pool(DbRole.STEWARD).rows("delete from models.breaker returning 1")
        for work in self.desk.assignments():
            self.desk.assign(ADMIN, Assignment(work, ()))
        self.gateway.forget()
        rows = self.database.pool(DbRole.STEWARD).rows(
            "select coalesce(max(number), 0) as n from models.call"
        )
        self.before = rows[0]["n"], self.ledger.size()

    def connect(self, name: str, address: str, *, slots: int = 8, **more: Any) -> None:
        """Adds a server and probes it."""
        known = name in self.desk.servers()
        self.desk.put(ADMIN, NewServer(name, address, places=slots, **more), known=known)
        self.desk.probe(ADMIN, name)

    def assign(self, *choices: tuple[str, str], work: Work = Work.ANSWER, **more: Any) -> None:
        chain = tuple(Choice(*one) for one in choices)
        self.desk.assign(ADMIN, Assignment(work, chain, **more))

    def asked(self, prompt: Prompt | None = None, text: str = SECRET, **more: Any) -> Asked:
        given: dict[str, Any] = {"by": WANG, "seconds": 10.0, "inputs": ("Observation/1/2",)}
        return Asked(prompt or self.prose, {"chart": text}, **{**given, **more})

    def calls(self) -> Sequence[dict[str, Any]]:
        """The records of calls, the oldest first."""
        self.gateway.calls.settle()
        return self.database.pool(DbRole.STEWARD).rows(
            "select * from models.call where number > %s order by number", (self.before[0],)
        )

    def events(self, kind: EventKind) -> list[Recorded]:
        found = self.ledger.events(EventQuery(kinds=(kind,), limit=500)).events
        return [one for one in found if one.index >= self.before[1]]


@contextmanager
def ward(
    database: Database,
    folder: Path,
    *,
    lease: float = 15.0,
    ageing: float = 120.0,
    rest: float = 15.0,
    deadline: float = 2.0,
) -> Iterator[Ward]:
    steward = database.pool(DbRole.STEWARD)
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        open_signer(folder / "ledger", "test.example/ledger"),
        utc_now,
        checkpoint_every=None,
        deadline=deadline,
    )
    keys = database.pool(DbRole.VAULT)
    vault = Vault(keys, open_keys(keys, folder / "keys"))
    switch, registry = Switch(steward, ledger, utc_now), Registry(steward, ledger)
    egress = Egress(places(["127.0.0.1"]))
    servers = Servers(steward, ledger, vault, registry, egress, utc_now)
    gateway = Gateway(
        steward, ledger, servers, registry, switch, utc_now, new_id, ZoneInfo("Asia/Shanghai"),
        boundary=lambda: MARK, places=Places(steward, new_id, lease=lease, ageing=ageing),
        breakers=Breakers(steward, rest=rest),
    )  # fmt: skip
    desk = ModelDesk(steward, servers, gateway, utc_now)
    prose = prompt(registry, "ward-round")
    form = replace(prose, ref=prompt(registry, "ward-form").ref, schema=SCHEMA)
    try:
        yield Ward(
            database, ledger, switch, registry, egress, servers, gateway, desk, prose, form
        )  # fmt: skip
    finally:
        gateway.close()
        egress.close()
        ledger.close()


def prompt(registry: Registry, name: str) -> Prompt:
    """A registered prompt whose only place is ``$chart``."""
    ref = registry.register(_card(name), "ab" * 32)
    return Prompt(
        ref, Work.ANSWER, "You answer in one sentence.", "Chart:\n$chart\nWhat stands out?",
        tokens=64, room="ward",
    )  # fmt: skip


def _card(name: str) -> ModelCard:
    both = Words("For tests", "用于测试")
    return ModelCard(
        name, "1.0.0", ModelKind.PROMPT, both, both, both, (Dataset(both, "none"),),
        (NotMeasured(both, both),), (both,), "Tests", (Source("Tests", "2026-11-26"),),
    )  # fmt: skip


PRICES = {"price_in": Decimal(2), "price_out": Decimal(8)}
REF = ModelRef
