"""The patient's record as every other part sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from countersign.ground.db import WHOLE, Database, DbRole, Scope
from countersign.ground.identity import Facts, Policy, Principal, scope_of
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger, Returned, random_salt
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import JSON

from .errors import NotFound
from .facts import Placed, everything_labelled, facts_at, facts_of_many, facts_then
from .identify import Identified, Identify
from .label_rules import LabelRules
from .limits import Limits
from .prepare import PreparedBundle
from .reader import Reader
from .receive import Listeners, Received, Receiver, Source
from .sensitivity import Sensitivity

NOBODY = Scope()
"""Enough to ask what the policy must know of a named patient, and to see nothing."""


class Chart:
    """FHIR R4 resources with every version, sealed; in by ``receive``, out by a ``reader``.

    ``listeners`` names the tasks that are deferred when a resource of a type comes in.
    ``sensitivity`` holds the labels that people decide about, ``label_rules`` the hospital's.
    Safe to share among threads.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        ledger: Ledger,
        policy: Policy,
        jobs: Jobs | None,
        clock: Clock,
        new_id: NewId,
        *,
        listeners: Listeners | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._pool = database.pool(DbRole.ROOM)
        self._vault = vault
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self.returned = Returned(database.pool(DbRole.LEDGER), vault, random_salt)
        self.limits = limits or Limits()
        whole = database.pool(DbRole.RECEIVER).within(WHOLE)
        self.sensitivity = Sensitivity(whole, ledger, policy, vault, new_id)
        self.label_rules = LabelRules(whole, ledger, policy, vault, new_id)
        self._receiver = Receiver(
            whole,
            vault,
            ledger,
            policy,
            jobs,
            clock,
            new_id,
            self.limits,
            listeners or {},
        )

    def reader(self, principal: Principal) -> Reader:
        """The chart as ``principal`` may read it."""
        zone, pool = self.limits.zone, self._pool.within(scope_of(principal))
        return Reader(
            principal,
            pool,
            self._vault,
            self._ledger,
            self._policy,
            lambda: self._clock().astimezone(zone),
            self.returned,
        )

    def receive(
        self,
        principal: Principal,
        data: bytes | JSON,
        *,
        source: str,
        departments: Iterable[str] = (),
        keep_ids: bool = False,
        entered: bool = False,
    ) -> Received:
        """Takes in a resource or a bundle; a transaction all or nothing, a batch one by one.

        ``source`` is a short name such as ``import`` or ``fhir``, never a file's name.
        ``departments`` are codes that the patients are added to. ``keep_ids`` keeps the
        identifiers of the data (imports), so that the same file taken in twice changes
        nothing. ``entered`` marks what a person typed here. Raises Refused (which entry and
        why), MalformedJSON, Forbidden, LedgerUnavailable, DatabaseUnavailable; then nothing
        was taken in.
        """
        origin = "entered" if entered else "received"
        where = Source(source, tuple(departments), origin)
        return self._receiver.receive(principal, data, where, keep_ids)

    def take(
        self,
        principal: Principal,
        prepared: PreparedBundle,
        *,
        source: str,
        departments: Iterable[str] = (),
    ) -> Received:
        """Takes in what ``prepare`` made in another process; raises as ``receive``.

        What still ``asks`` conditions goes through ``receive``.
        """
        return self._receiver.take(principal, prepared, Source(source, tuple(departments)))

    def identify(self, principal: Principal, who: str) -> Identified:
        """Whom a physician means, by whole name or identifier, before breaking the glass."""
        return Identify(self._pool, self._vault, self._ledger, self._policy).find(principal, who)

    def named(self, patient: str) -> Facts:
        """The facts of a patient without the labels of single resources. Raises NotFound."""
        with self._pool.within(NOBODY).reading() as connection:
            facts = facts_of_many(connection, [patient]).get(patient)
        if facts is None:
            raise NotFound(type="Patient")
        return facts

    def named_all(self, patients: Iterable[str]) -> dict[str, Facts]:
        """The same of many at once, those that are known."""
        with self._pool.within(NOBODY).reading() as connection:
            return facts_of_many(connection, patients)

    def inhabitants(self, departments: Iterable[str] = ()) -> list[str]:
        """The identifiers of the patients of these departments, of all where none is named.

        For this installation's own programs: each patient is then asked about by name.
        """
        rows = self._pool.within(WHOLE).rows(
            "select patient from chart.patient where %(any)s or departments && %(of)s::text[]"
            " order by patient",
            {"of": (of := sorted(departments)), "any": not of},
        )
        return [row["patient"] for row in rows]

    def then(self, patient: str, at: datetime) -> Placed:
        """What the policy knew of a patient at a moment. Raises NotFound."""
        with self._pool.within(NOBODY).reading() as connection:
            placed = facts_then(connection, patient, at)
        if placed is None:
            raise NotFound(type="Patient")
        return placed

    def own_labels(self, kind: str, identifier: str) -> frozenset[str]:
        """The labels of one resource beyond those of its patient; none of one unknown."""
        with self._pool.within(NOBODY).reading() as connection:
            facts = facts_at(connection, kind, identifier)
            if facts is None or facts.patient is None:
                return frozenset()
            patient = facts_of_many(connection, [facts.patient])[facts.patient]
        return facts.sensitivity - patient.sensitivity

    def facts_resting_on(self, patient: str, labels: frozenset[str] | None) -> Facts:
        """The facts of something that rests on resources with these labels; None where nobody
        knows on which, so that every label of the chart counts. Raises NotFound.
        """
        if labels is None:
            return self.facts_of(patient)
        facts = self.named(patient)
        return replace(facts, sensitivity=facts.sensitivity | labels)

    def facts_of(self, patient: str) -> Facts:
        """What the policy must know of a patient and of what rests on the whole chart: every
        label that stands anywhere in it counts. Raises NotFound.
        """
        with self._pool.within(NOBODY).reading() as connection:
            facts = everything_labelled(connection, patient)
        if facts is None:
            raise NotFound(type="Patient")
        return facts
