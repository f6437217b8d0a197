"""The gate put together from its parts, each with the database role it is entitled to."""

from __future__ import annotations

from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.identity import People, Policy
from countersign.ground.ledger import Ledger, Returned, random_salt
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
    ) -> None:
        room = database.pool(DbRole.ROOM)
        rows = Rows(room, vault)
        self.proposals = Proposals(room.within(WHOLE), ledger, vault, policy, facts, clock, new_id)
        self.reading = Reading(rows, ledger, policy, switch, facts)
        returned = Returned(database.pool(DbRole.LEDGER), vault, random_salt)
        self.waiting = Waiting(rows, ledger, policy, switch, facts, returned)
        self.working = WorkingCopies(room, rows, vault)
        self.decisions = Decisions(
            database.pool(DbRole.SIGNER), rows, ledger, vault, policy, people, facts, new_id
        )
