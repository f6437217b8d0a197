"""A real gateway for a house of tests, with one real server assigned to one kind of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from building import Building
from countersign.ground.db import DbRole
from countersign.ground.egress import Egress, places
from countersign.ground.models import (
    Assignment,
    Choice,
    Gateway,
    ModelDesk,
    NewServer,
    Servers,
    Work,
)
from countersign.kit.ids import new_id


@contextmanager
def connected(building: Building, address: str, model: str, work: Work) -> Iterator[Gateway]:
    """Yields the gateway; ``model`` of the server at ``address`` answers ``work``."""
    floor, steward = building.floor, building.database.pool(DbRole.STEWARD)
    egress = Egress(places(["127.0.0.1"]))
    servers = Servers(
        steward, floor.ledger, building.house.vault, floor.registry, egress, floor.clock
    )
    gateway = Gateway(
        steward, floor.ledger, servers, floor.registry, floor.switch, floor.clock, new_id,
        ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip
    desk, admin = ModelDesk(steward, servers, gateway, floor.clock), building.who("admin")
    desk.put(admin, NewServer("ward-server", address, places=4))
    desk.probe(admin, "ward-server")
    desk.assign(admin, Assignment(work, (Choice("ward-server", model),)))
    try:
        yield gateway
    finally:
        gateway.close()
        egress.close()


def assigned(building: Building, gateway: Gateway, model: str, work: Work) -> None:
    """From now on another model of the same server answers, as if nothing had gone wrong before."""
    servers = gateway._means.servers
    servers.assign(building.who("admin"), Assignment(work, (Choice("ward-server", model),)))
    gateway.breakers.answered("ward-server")
    gateway.forget()
