"""Messages of other systems: durable before they are acknowledged, processed in their order."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Policy
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .arrived import Arrived, Due, Incoming, Kept, Outgoing, State
from .errors import NoSuchMessage, NotInThisState
from .handling import PAGE, Counts, Handling
from .inbox import Inbox
from .naming import Naming
from .outbox import Outbox


@dataclass(frozen=True, slots=True)
class Messages:
    """Everything about messages; doors that speak a protocol keep and send through it."""

    inbox: Inbox
    handling: Handling
    outbox: Outbox
    naming: Naming


def open_messages(
    database: Database,
    vault: Vault,
    ledger: Ledger,
    policy: Policy,
    jobs: Jobs | None,
    clock: Clock,
    new_id: NewId,
    task: str,
) -> Messages:
    """``task`` is what processes them; it is deferred with every batch."""
    pool = database.pool(DbRole.INTERFACE)
    naming = Naming(vault)
    inbox = Inbox(pool, vault, ledger, jobs, new_id, naming, task)
    return Messages(
        inbox,
        Handling(pool, ledger, policy, inbox),
        Outbox(pool, ledger, policy, clock),
        naming,
    )


__all__ = [
    "PAGE",
    "Arrived",
    "Counts",
    "Due",
    "Handling",
    "Inbox",
    "Incoming",
    "Kept",
    "Messages",
    "Naming",
    "NoSuchMessage",
    "NotInThisState",
    "Outbox",
    "Outgoing",
    "State",
    "open_messages",
]
