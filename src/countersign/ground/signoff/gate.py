"""The gate put together from its parts, each with the database role it is entitled to."""

from __future__ import annotations

from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.identity import People, Policy, Presences
from countersign.ground.ledger import Ledger, Returned, random_salt
from countersign.ground.models import Switch
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .adjudication import Adjudication
from .alerts import Alerts
from .cards import Cards
from .casebook import Casebook
from .decide import Decisions
from .edges import Tracing
from .facts import FactsOf
from .impressions import Impressions
from .labels import Labels
from .manuscripts import Manuscripts
from .pharmacy import Pharmacy
from .propose import Proposals
from .reading import Reading
from .recall import Recalls
from .rechecking import Rechecks
from .reviews import Reviews
from .rows import Rows
from .rules import Rules
from .vigilance import Vigilance
from .waiting import Waiting
from .working import WorkingCopies


class Signoff:
    """``proposals`` for rooms; ``reading``, ``waiting``, ``working``, ``decisions`` for people.

    The safety loop: ``recalls``, ``reviews``, ``labels`` and ``tracing``; ``adjudication``;
    ``vigilance``; ``impressions``; ``rules``. Medication safety: ``alerts`` and ``pharmacy``.
    ``rechecks`` are asked when a person signs what she wrote herself.
    ``cards`` are drafts on the screens of other systems, ``casebook`` what was signed, for
    programs that measure, ``manuscripts`` records that are being written.
    """

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
        steward = database.pool(DbRole.STEWARD).within(WHOLE)
        rows = Rows(room, vault)
        own = room.within(WHOLE)
        self.rules = Rules(steward, ledger, policy)
        self.impressions = Impressions(
            own, Rows(own, vault), ledger, vault, policy, self.rules, facts
        )
        self.adjudication = Adjudication(
            own, ledger, vault, policy, people, self.rules, facts, clock, new_id
        )
        self.vigilance = Vigilance(own, policy, self.rules)
        self.proposals = Proposals(own, ledger, vault, policy, facts, clock, new_id)
        self.reading = Reading(rows, ledger, policy, switch, facts, self.impressions)
        returned = Returned(database.pool(DbRole.LEDGER), vault, random_salt)
        self.waiting = Waiting(rows, ledger, policy, switch, facts, returned, self.impressions)
        self.working = WorkingCopies(room, rows, vault)
        self.manuscripts = Manuscripts(room, own, ledger, vault, policy, facts, clock, new_id)
        self.rechecks = Rechecks()
        self.decisions = Decisions(
            database.pool(DbRole.SIGNER),
            rows,
            ledger,
            vault,
            policy,
            people,
            facts,
            new_id,
            self.adjudication,
            self.vigilance,
            presences,
            self.rechecks,
        )
        self.cards = Cards(
            rows, ledger, vault, policy, switch, facts, self.impressions, self.decisions, clock,
            new_id,
        )  # fmt: skip
        self.recalls = Recalls(steward, ledger, vault, policy, people, new_id)
        self.reviews = Reviews(own, ledger, vault, self.reading, self.proposals)
        self.labels, self.casebook = Labels(own), Casebook(Rows(own, vault), switch)
        self.alerts = Alerts(own, ledger, vault, policy, facts, clock, new_id)
        self.pharmacy = Pharmacy(own, ledger, policy)
        self.tracing = Tracing(own, Rows(own, vault))
