"""Finds one patient for break-glass, by the whole name or an identifier, and shows the least."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import Vault

from .names import normal
from .opening import summaries
from .search import name_tokens
from .summary import PatientSummary
from .version import commitment

MOST = 5
"""More persons of one name are not shown: the identifier tells them apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Enough to tell two persons of one name apart; nothing of where they are treated."""

    id: str
    name: str = field(repr=False)
    sex: str
    birth_year: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identified:
    """``more`` when there are too many of this name; then none is shown."""

    candidates: tuple[Candidate, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Identify:
    """The search that break-glass begins with. ``pool`` logs in as DbRole.ROOM."""

    pool: Pool
    vault: Vault
    ledger: Ledger
    policy: Policy

    def find(self, principal: Principal, who: str) -> Identified:
        """The patients who bear exactly this name or identifier. Raises Forbidden.

        The beginning of a name finds nobody: whoever asks must know whom they look for. Each
        search is an event that commits to what it showed.
        """
        self.policy.require(principal, Action.GLASS_SEARCH, Facts.house("break-glass"))
        wanted = normal(who)
        if not wanted:
            return Identified((), False)
        rows = self.pool.within(WHOLE).rows(_NAMED, {"tokens": name_tokens(self.vault, who)})
        found = [
            one
            for one in summaries(self.vault, rows)
            if normal(one.name) == wanted or any(v == who.strip() for _, v in one.identifiers)
        ]
        shown = tuple(map(_candidate, found)) if len(found) <= MOST else ()
        digest = commitment(("Patient", one.id, 0, "") for one in shown)
        self.ledger.record(
            Event(
                EventKind.PATIENTS_LISTED,
                principal.actor,
                commits={"patients": digest},
                detail={"count": len(shown), "break_glass": True},
            )
        )
        return Identified(shown, len(found) > MOST)


def _candidate(one: PatientSummary) -> Candidate:
    return Candidate(one.id, one.name, one.sex, one.birth_date[:4])


_NAMED: Final = (
    "select patient, departments, care_team, sensitivity, last_activity, suite, key_id, box"
    " from chart.seen_patient where active and patient in (select c.id from chart.seen_current c"
    " where c.type = 'Patient' and not c.deleted and c.tokens && %(tokens)s::bigint[])"
    " order by patient limit 200"
)
