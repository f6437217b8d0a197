"""Workstations of other makers that call hooks, by CDS Hooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from countersign.ground.db import Pool
from countersign.ground.egress import Egress
from countersign.ground.identity.keysets import KeySets
from countersign.ground.identity.policy import Policy
from countersign.ground.ledger import Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .errors import NoSuchCdsClient, NotProved, SwitchedOff
from .proving import Proving
from .registry import CdsClient, CdsClients, CdsUser, NewCdsClient

__all__ = [
    "Cds",
    "CdsClient",
    "CdsClients",
    "CdsUser",
    "NewCdsClient",
    "NoSuchCdsClient",
    "NotProved",
    "Proving",
    "SwitchedOff",
    "open_cds",
]


@dataclass(frozen=True, slots=True)
class Cds:
    """Who the calling systems are, and the proof of it."""

    clients: CdsClients
    proving: Proving


def open_cds(
    pool: Pool,
    ledger: Ledger,
    policy: Policy,
    egress: Egress,
    clock: Clock,
    new_id: NewId,
    zone: tzinfo,
) -> Cds:
    """``pool`` is that of DbRole.IDENTITY."""
    clients = CdsClients(pool, ledger, policy, clock, new_id, zone)
    return Cds(clients, Proving(clients, KeySets(egress, clock), pool, ledger, clock))
