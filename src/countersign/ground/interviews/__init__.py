"""What patients tell before a visit: protocols in force, links, answers, dangers, the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Facts, Policy
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .desk import Desk, Told
from .errors import (
    AIRefused,
    InterviewClosed,
    LinkUnusable,
    NoProtocol,
    ProtocolState,
    TooMuch,
    UnfitFile,
    UnknownInterview,
)
from .held import ACTOR, Alert, Attachment, Entry, Held, Invited, Protocol
from .keeping import FILES, Keeping
from .links import Links
from .protocols import Protocols


@dataclass(frozen=True, slots=True)
class Interviews:
    """Everything about interviews; what a patient does needs the ``Held`` of a link."""

    protocols: Protocols
    links: Links
    keeping: Keeping
    desk: Desk


def open_interviews(
    database: Database,
    vault: Vault,
    ledger: Ledger,
    policy: Policy,
    jobs: Jobs,
    facts: Callable[[str], Facts],
    clock: Clock,
    new_id: NewId,
    task: str,
) -> Interviews:
    """``facts`` are those of a patient; ``task`` is deferred with each interview that is sent."""
    pool = database.pool(DbRole.ROOM)
    protocols = Protocols(pool, ledger, policy, new_id)
    return Interviews(
        protocols,
        Links(pool, ledger, policy, facts, protocols, clock, new_id),
        Keeping(pool, vault, ledger, jobs, new_id, task),
        Desk(pool, vault, ledger, policy, facts, clock),
    )


__all__ = [
    "ACTOR",
    "FILES",
    "AIRefused",
    "Alert",
    "Attachment",
    "Desk",
    "Entry",
    "Held",
    "InterviewClosed",
    "Interviews",
    "Invited",
    "Keeping",
    "LinkUnusable",
    "Links",
    "NoProtocol",
    "Protocol",
    "ProtocolState",
    "Protocols",
    "Told",
    "TooMuch",
    "UnfitFile",
    "UnknownInterview",
    "open_interviews",
]
