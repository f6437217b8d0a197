"""Takes in what other systems and people send: validated, sealed, recorded, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import HOUSE, Vault
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, encode

from . import lookup
from ._write import Stamp, Written, write
from .bundle import Mode
from .errors import ConcurrentChange, Refusal, Unsupported, refusal
from .facts import facts_of_many
from .limits import Limits
from .linked import settle
from .prepare import Prepared, PreparedBundle, prepare
from .version import Origin, commitment

Listeners = Mapping[str, Sequence[str]]
"""Which tasks are to run when a resource of a type comes in."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from: ``name`` such as ``import`` or ``fhir``, never a file's name.

    ``departments`` are codes that the patients are added to.
    """

    name: str
    departments: tuple[str, ...] = ()
    origin: Origin = "received"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of each entry, in their order."""

    mode: Mode
    outcomes: tuple[Written | Refusal, ...]

    @property
    def written(self) -> tuple[Written, ...]:
        return tuple(one for one in self.outcomes if isinstance(one, Written))

    @property
    def refused(self) -> tuple[Refusal, ...]:
        return tuple(one for one in self.outcomes if isinstance(one, Refusal))


@dataclass(frozen=True, slots=True)
class Receiver:
    """The way in. ``pool`` logs in as DbRole.RECEIVER."""

    pool: Pool
    vault: Vault
    ledger: Ledger
    policy: Policy
    jobs: Jobs | None
    clock: Clock
    new_id: NewId
    limits: Limits = field(default_factory=Limits)
    listeners: Listeners = field(default_factory=dict[str, Sequence[str]])

    def receive(
        self, principal: Principal, data: bytes | JSON, source: Source, keep_ids: bool
    ) -> Received:
        """Prepares and takes in; see ``Chart.receive``."""
        raw = data if isinstance(data, bytes) else encode(data)
        prepared = prepare(raw, self.limits, self.new_id, keep_ids=keep_ids)
        if not prepared.asks:
            return self.take(principal, prepared, source)
        return self._conditional(principal, raw, prepared, source, keep_ids)

    def take(self, principal: Principal, prepared: PreparedBundle, source: Source) -> Received:
        """Takes in what was prepared, perhaps in another process."""
        if prepared.mode == "transaction":
            items = [item for item in prepared.items if isinstance(item, Prepared)]
            written = self._retried(lambda unit: self._write(unit, principal, items, source))
            return Received("transaction", tuple(written))
        outcomes = [self._alone(principal, item, source) for item in prepared.items]
        return Received("batch", tuple(outcomes))

    def _alone(
        self, principal: Principal, item: Prepared | Refusal, source: Source
    ) -> Written | Refusal:
        """One entry of a batch in a transaction of its own."""
        if isinstance(item, Refusal):
            return item
        try:
            return self._retried(lambda unit: self._write(unit, principal, [item], source))[0]
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return replace(refusal(problem), entry=item.entry)

    def _conditional(
        self,
        principal: Principal,
        raw: bytes,
        prepared: PreparedBundle,
        source: Source,
        keep_ids: bool,
    ) -> Received:
        """Conditions are looked up, and stay locked, in the transaction that depends on them."""
        if prepared.mode == "batch":
            raise Unsupported(0, "Bundle", what="conditions in a batch; send a transaction")

        def run(unit: Unit) -> list[Written]:
            known: dict[str, str | None] = {}
            now = prepared
            while now.asks:
                known |= lookup.answer(unit.connection, self.vault, set(now.asks) - set(known))
                now = prepare(raw, self.limits, self.new_id, keep_ids=keep_ids, known=known)
            items = [item for item in now.items if isinstance(item, Prepared)]
            return self._write(unit, principal, items, source)

        return Received("transaction", tuple(self._retried(run)))

    def _retried(self, work: Callable[[Unit], list[Written]]) -> list[Written]:
        """Two first versions of one resource cannot wait for each other; the later tries again."""
        for attempt in range(_TRIES):
            try:
                with self.ledger.unit(self.pool) as unit:
                    return work(unit)
            except ConcurrentChange:
                if attempt == _TRIES - 1:
                    raise
        raise ConcurrentChange

    def _write(
        self, unit: Unit, principal: Principal, items: Sequence[Prepared], source: Source
    ) -> list[Written]:
        connection = unit.connection
        _check_names(items)
        self._allow(connection, principal, settle(connection, items), source)
        trusted = not principal.outside
        how = Stamp(
            self.clock(),
            principal.actor,
            source.origin,
            departments=source.departments,
            # Another system may place only the patients whom it brings.
            add_departments=trusted,
        )
        written = write(connection, self.vault, items, how)
        for event in _events(principal, written, source):
            unit.record(event)
        self._wake(connection, written)
        return written

    def _allow(
        self,
        connection: Connection[DictRow],
        principal: Principal,
        items: Iterable[Prepared],
        source: Source,
    ) -> None:
        """Asks the policy once for each patient and kind of thing that is written."""
        action = Action.FHIR_WRITE if principal.outside else Action.CHART_RECEIVE
        wanted = {
            (item.owner, "chart" if principal.kind == "system" else item.type) for item in items
        }
        known = facts_of_many(connection, {owner for owner, _ in wanted if owner is not None})
        for owner, kind in sorted(wanted, key=str):
            facts = Facts.house(kind) if owner is None else known.get(owner)
            if facts is None:
                facts = Facts(kind, owner, frozenset(source.departments))
            self.policy.require(principal, action, replace(facts, kind=kind))

    def _wake(self, connection: Connection[DictRow], written: Iterable[Written]) -> None:
        """Defers each task that asked, once for each patient, in this very transaction."""
        if self.jobs is None:
            return
        touched = {one.patient for one in written if one.patient is not None}
        known = facts_of_many(connection, touched)
        # A patient who refuses processing by AI wakes no room.
        open_to_ai = {patient for patient in touched if "ai" not in known[patient].refused}
        wanted = {
            (task, one.patient)
            for one in written
            if not one.unchanged and one.patient in open_to_ai
            for task in self.listeners.get(one.type, ())
        }
        for task, patient in sorted(wanted):
            self.jobs.defer(connection, task, {"patient": patient}, lock=f"{task}:{patient}")


def _check_names(items: Iterable[Prepared]) -> None:
    for item in items:
        if item.type == "Patient" and item.id == HOUSE:
            raise Unsupported(item.entry, item.type, what=f"a patient with the id {HOUSE}")


def _events(principal: Principal, written: Sequence[Written], source: Source) -> Iterable[Event]:
    """One event for each patient, or for the house, committing to everything that was written."""
    changed = [one for one in written if not one.unchanged]
    patients = sorted({one.patient for one in changed if one.patient is not None})
    for patient in patients or ([None] if changed else []):
        # What belongs to the house is committed to with the first patient.
        mine = [
            one
            for one in changed
            if one.patient == patient or one.patient is None and patient in patients[:1]
        ]
        digest = commitment((one.type, one.id, one.version, one.sha256) for one in mine)
        yield Event(
            EventKind.CHART_RECEIVED,
            principal.actor,
            patient=patient,
            commits={"versions": digest},
            detail={"source": source.name, "origin": source.origin, "resources": len(mine)},
        )
