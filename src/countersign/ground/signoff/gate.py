"""The gate put together from its parts, each with the database role it is entitled to."""

from __future__ import annotations

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import People, Policy, Presences
from countersign.ground.ledger import Ledger
from countersign.ground.models import Switch
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .decide import Decisions
from .facts import FactsOf
from .propose import Proposals
from .reading import Reading
from .rows import Rows
from .waiting import Waiting
from .working import WorkingCopies


class Signoff:
    """``proposals`` for rooms; ``reading``, ``waiting``, ``working``, ``decisions`` for people."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        people: People,
        switch: Switch,
        facts: FactsOf,
        clock: Clock,
        new_id: NewId,
        presences: Presences,
    ) -> None:
        room = database.pool(DbRole.ROOM)
        rows = Rows(room, vault)
        self.proposals = Proposals(room, ledger, vault, policy, facts, clock, new_id)
        self.reading = Reading(rows, ledger, policy, switch, facts)
        self.waiting = Waiting(rows, ledger, policy, switch, facts)
        self.working = WorkingCopies(room, rows, vault)
        self.decisions = Decisions(
            database.pool(DbRole.SIGNER),
            rows,
            ledger,
            vault,
            policy,
            people,
            facts,
            new_id,
            presences,
        )
