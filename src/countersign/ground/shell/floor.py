"""The ground floor as a room receives it: every part it may stand on, built by the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .pages import Pages
from .site import Site

if TYPE_CHECKING:
    from countersign.ground.chart import Chart
    from countersign.ground.egress import Egress
    from countersign.ground.identity import (
        Accounts,
        Apps,
        BreakGlass,
        Cds,
        Clients,
        Delegations,
        Entrance,
        People,
        Policy,
        Standings,
    )
    from countersign.ground.imaging import Received
    from countersign.ground.interviews import Interviews
    from countersign.ground.jobs import Compute, Jobs
    from countersign.ground.ledger import Forwarding, Ledger, Retention, Tiles, Witnesses
    from countersign.ground.library import CaseCollections, Library
    from countersign.ground.messages import Messages
    from countersign.ground.models import (
        Asking,
        ModelDesk,
        Registry,
        Students,
        Studies,
        Switch,
        Trained,
    )
    from countersign.ground.reasoning import Reasoning
    from countersign.ground.release import Release
    from countersign.ground.signoff import Signoff
    from countersign.ground.slides import Slides


@dataclass(frozen=True, slots=True)
class Floor:
    """Parts by name; a room takes what it needs and makes none itself.

    ``assistants`` is the hospital's folder of files that each make a department's assistant,
    ``records`` its folder of kinds of records and of what it trained for them, ``icd10`` its list
    of diagnoses.
    """

    site: Site
    clock: Clock
    new_id: NewId
    ledger: Ledger
    witnesses: Witnesses
    tiles: Tiles
    forwarding: Forwarding
    retention: Retention
    policy: Policy
    accounts: Accounts
    entrance: Entrance
    people: People
    standings: Standings
    clients: Clients
    apps: Apps
    cds: Cds
    glass: BreakGlass
    delegations: Delegations
    registry: Registry
    switch: Switch
    gateway: Asking
    models: ModelDesk
    studies: Studies
    students: Students
    trained: Trained
    jobs: Jobs
    compute: Compute
    chart: Chart
    cases: CaseCollections
    library: Library
    reasoning: Reasoning
    messages: Messages
    interviews: Interviews
    slides: Slides
    received: Received
    signoff: Signoff
    release: Release
    egress: Egress
    pages: Pages
    assistants: Path | None = None
    records: Path | None = None
    icd10: Path | None = None

    @property
    def demo(self) -> bool:
        """Whether every patient here is invented."""
        return self.site.demo
