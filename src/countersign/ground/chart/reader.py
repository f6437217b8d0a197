"""Reads the chart for one principal: every call asks the policy and leaves a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool, naming
from countersign.ground.identity import ADMITTED, Action, Facts, Policy, Principal
from countersign.ground.ledger import (
    Entry,
    Event,
    EventKind,
    Ledger,
    LedgerUnavailable,
    Receipt,
    Returned,
)
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock

from . import search
from .compartment import OWNER
from .errors import Deleted, NotFound
from .facts import facts_at, facts_of_many
from .names import normal
from .opening import opened, summaries
from .query import Parameters, Query, cursor, read
from .search import COLUMNS, Scope
from .summary import PatientSummary
from .version import Version, commitment

NO_DETAIL: Final[Mapping[str, str | int | bool]] = {}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search. ``total`` counts all matches that the principal may see;
    ``next`` is the ``_cursor`` of the following page.
    """

    versions: tuple[Version, ...]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class PatientFilter:
    """``name`` is the beginning of a name or a whole identifier; ``limit`` at most 500.

    With ``teaching`` only those are meant whose charts may be used for it.
    """

    name: str = ""
    department: str = ""
    limit: int = 200
    offset: int = 0
    teaching: bool = False


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Patients in the order of their last activity; ``total`` counts all that match."""

    patients: tuple[PatientSummary, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PatientChart:
    """Everything current of one patient, the latest clinical date first.

    ``receipt`` is None only while the ledger cannot write: the chart goes on, the event is
    written later.
    """

    summary: PatientSummary
    versions: tuple[Version, ...]
    receipt: Receipt | None

    def of(self, *kinds: str) -> tuple[Version, ...]:
        """The versions of these types."""
        return tuple(one for one in self.versions if one.type in kinds)


@dataclass(frozen=True, slots=True)
class Reader:
    """Made by ``Chart.reader`` and bound to who asks. ``pool`` logs in as DbRole.ROOM."""

    principal: Principal
    pool: Pool
    vault: Vault
    ledger: Ledger
    policy: Policy
    clock: Clock
    returned: Returned

    def read(self, kind: str, identifier: str) -> Version:
        """The current version. Raises NotFound, Deleted, Forbidden."""
        return self._one(kind, identifier, None)

    def version(self, kind: str, identifier: str, number: int) -> Version:
        """One version. Raises NotFound, Deleted, Forbidden."""
        return self._one(kind, identifier, number)

    def history(self, kind: str, identifier: str) -> list[Version]:
        """Every version, deletions too, the newest first. Raises NotFound, Forbidden."""
        with self.pool.reading() as connection:
            reasons = self._allow(connection, kind, identifier)
            rows = connection.execute(_HISTORY, (kind, identifier), binary=True).fetchall()
        if not rows:
            raise NotFound(type=kind)
        versions = opened(self.vault, rows)
        self._viewed(versions, f"{kind}/{identifier}/_history", reasons)
        return versions

    def search(self, kind: str, parameters: Parameters) -> Page:
        """A search by R4 parameters. Raises UnknownParameter, BadParameter, Forbidden."""
        query = read(kind, parameters, self.clock())
        with self.pool.reading() as connection:
            scope = self._scope(connection, query)
            rows, total = search.find(connection, self.vault, query, scope)
        found = [one for one in opened(self.vault, rows) if search.matches(query, one)]
        more = bool(rows) and len(rows) == query.count and total > query.count
        behind = cursor(rows[-1]["id"]) if more else None
        page = Page(tuple(found), total - len(rows) + len(found), behind)
        self._searched(query, page)
        return page

    def patients(self, wanted: PatientFilter | None = None) -> PatientPage:
        """The patients whom the policy lets this principal list."""
        wanted = wanted or PatientFilter()
        use = Action.TEACHING_USE if wanted.teaching else Action.PATIENTS_LIST
        visible = self.policy.visibility(self.principal, use, "Patient")
        named = normal(wanted.name)
        given = {
            **visible.parameters(),
            "department": wanted.department or None,
            "tokens": search.name_tokens(self.vault, wanted.name) if named else None,
            "limit": max(0, min(wanted.limit, 500)),
            "offset": max(0, wanted.offset),
        }
        rows = self.pool.rows(_PATIENTS, given)
        people = summaries(self.vault, rows)
        self._listed(people, {"use": "teaching"} if wanted.teaching else {})
        return PatientPage(tuple(people), rows[0]["total"] if rows else 0)

    def names(self, patients: Iterable[str]) -> dict[str, str]:
        """The names of those of these patients who may be listed; one receipt for all."""
        wanted = sorted(set(patients))
        visible = self.policy.visibility(self.principal, Action.PATIENTS_LIST, "Patient")
        rows = self.pool.rows(_NAMED, {**visible.parameters(), "wanted": wanted}) if wanted else []
        people = summaries(self.vault, rows)
        if people:
            self._listed(people)
        return {one.id: one.name for one in people}

    def open(self, patient: str) -> PatientChart:
        """Everything current of one patient, under one receipt. Raises NotFound, Forbidden."""
        with self._about(patient).reading() as connection:
            facts = self._require(connection, "chart", patient)
            hidden = sorted(self.policy.hidden(self.principal, self._action, facts))
            reasons = self.policy.decide(self.principal, self._action, facts).reasons
            people = connection.execute(_PERSON, (patient,)).fetchall()
            rows = connection.execute(_CHART, (patient, hidden), binary=True).fetchall()
        known = summaries(self.vault, people)
        if not known:
            self.vault.require(patient)
            raise NotFound(type="Patient")
        versions = opened(self.vault, rows)
        if reasons == GLASS:
            self._used_glass(patient)
        receipt = self._record(
            EventKind.CHART_VIEWED,
            patient,
            None,
            {"chart": _digest(versions)},
            {"resources": len(versions), **self._by(reasons)},
        )
        return PatientChart(known[0], tuple(versions), receipt)

    def _about(self, patient: str) -> Pool:
        """The connections for one chart: what else a principal may see is not needed there.

        Nothing is read before the policy allowed it. What a physician opened in an emergency
        stays with the scope whose time the database keeps.
        """
        if patient in self.principal.opened_patients:
            return self.pool
        return self.pool.within(naming([patient]))

    @property
    def _action(self) -> Action:
        return Action.FHIR_READ if self.principal.outside else Action.CHART_READ

    def _one(self, kind: str, identifier: str, number: int | None) -> Version:
        given = {"type": kind, "id": identifier, "version": number}
        with self.pool.reading() as connection:
            reasons = self._allow(connection, kind, identifier)
            rows = connection.execute(_ONE, given, binary=True).fetchall()
        if not rows:
            raise NotFound(type=kind)
        version = opened(self.vault, rows)[0]
        if version.deleted:
            raise Deleted(type=kind)
        self._viewed([version], version.versioned, reasons)
        return version

    def _allow(
        self, connection: Connection[DictRow], kind: str, identifier: str
    ) -> tuple[str, ...]:
        """By which rules. Whoever may not see a resource does not learn whether it exists."""
        facts = facts_at(connection, kind, identifier)
        if facts is None:
            facts = Facts(kind, identifier if kind == "Patient" else None)
        self.policy.require(self.principal, self._action, facts)
        reasons = self.policy.decide(self.principal, self._action, facts).reasons
        if facts.patient in self.principal.opened_patients and reasons == GLASS:
            self._used_glass(str(facts.patient))
        return reasons

    def _require(self, connection: Connection[DictRow], kind: str, patient: str) -> Facts:
        known = facts_of_many(connection, [patient]).get(patient)
        facts = replace(known, kind=kind) if known else Facts(kind, patient)
        self.policy.require(self.principal, self._action, facts)
        return facts

    def _scope(self, connection: Connection[DictRow], query: Query) -> Scope:
        """One patient is asked about by name; anything wider is limited to what is visible."""
        patients = self._context(query)
        if patients is not None and len(patients) == 1:
            facts = self._require(connection, query.type, next(iter(patients)))
            hidden = self.policy.hidden(self.principal, self._action, facts)
            return Scope(patients, hidden=hidden)
        house = Facts.house(query.type)
        allowed = self.policy.decide(self.principal, self._action, house).allowed
        visible = self.policy.visibility(self.principal, self._action, query.type)
        return Scope(patients, allowed, visible)

    def _context(self, query: Query) -> frozenset[str] | None:
        """The patients asked about; an app that knows one patient only asks about no other."""
        patients, app = search.patients_of(query), self.principal.app
        if app is None or app.patient is None or query.type not in ("Patient", *OWNER):
            return patients
        if any(one.level == "user" and one.covers(query.type, "s") for one in app.rights):
            return patients
        own = frozenset({app.patient})
        if patients is None:
            return own
        return patients if len(patients) == 1 else patients & own

    def _used_glass(self, patient: str) -> None:
        """One event for each look that nothing but break-glass allowed, beside the usual one."""
        for one in sorted(self.principal.opened):
            if one.patient == patient:
                subject = f"break-glass:{one.id}"
                self._record(EventKind.GLASS_USED, patient, subject, {}, {})

    def _by(self, reasons: tuple[str, ...]) -> dict[str, str]:
        """By which rules, and for what purpose, so that the decision can be explained later."""
        said = {"action": str(self._action), "rules": ",".join(reasons)[:250]}
        if self.principal.kind == "person":
            said["purpose"] = str(self.principal.purpose)
        return said

    def _viewed(self, versions: Sequence[Version], subject: str, reasons: tuple[str, ...]) -> None:
        self._record(
            EventKind.CHART_VIEWED,
            versions[0].patient,
            subject,
            {"resources": _digest(versions)},
            {"resources": len(versions), **self._by(reasons)},
        )

    def _listed(
        self, people: Sequence[PatientSummary], use: Mapping[str, str | int | bool] = NO_DETAIL
    ) -> None:
        """One event for all, which commits to each patient and the version of the resource."""
        known = self.pool.rows(_CURRENT, ([one.id for one in people],)) if people else []
        found = [
            Entry("Patient", row["id"], row["version"], row["sha256"].hex(), row["id"])
            for row in known
        ]
        root = self.returned.commit(found)
        detail = {"count": len(people), **use}
        self._record(EventKind.PATIENTS_LISTED, None, None, {"patients": root}, detail)

    def _searched(self, query: Query, page: Page) -> None:
        about = search.patients_of(query) or frozenset()
        self._record(
            EventKind.CHART_SEARCHED,
            next(iter(about)) if len(about) == 1 else None,
            None,
            {"results": self.returned.commit(list(map(_entry, page.versions)))},
            {
                "type": query.type,
                "parameters": ",".join(query.names)[:256] or "none",
                "count": len(page.versions),
                "total": page.total,
            },
        )

    def _record(
        self,
        kind: EventKind,
        patient: str | None,
        subject: str | None,
        commits: Mapping[str, str],
        detail: Mapping[str, str | int | bool],
    ) -> Receipt | None:
        """The chart goes on while the ledger cannot write; the event follows."""
        said = {**detail, **self.principal.through}
        event = Event(kind, self.principal.actor, patient, subject, None, commits, said)
        try:
            return self.ledger.record(event)
        except LedgerUnavailable:
            self.ledger.record_soon(event)
            return None


GLASS: Final = ("glass-read",)
"""The reasons of a decision that nothing but break-glass allowed."""


def _entry(one: Version) -> Entry:
    return Entry(one.type, one.id, one.version, one.sha256, one.patient or "")


def _digest(versions: Sequence[Version]) -> str:
    return commitment((one.type, one.id, one.version, one.sha256) for one in versions)


_ONE: Final = (
    "select " + COLUMNS + " from chart.version v"
    " where v.type = %(type)s and v.id = %(id)s and v.version = coalesce(%(version)s::integer,"
    " (select version from chart.current where type = %(type)s and id = %(id)s))"
)
_HISTORY: Final = (
    "select " + COLUMNS + " from chart.version v where v.type = %s and v.id = %s"
    " order by v.version desc"
)
_CHART: Final = (
    "select " + COLUMNS + " from chart.current c join chart.version v using (type, id, version)"
    " where c.patient = %s and not c.deleted and not c.sensitivity && %s::text[]"
    " order by c.low desc nulls last, c.type, c.id"
)
_PERSON: Final = (
    "select patient, departments, care_team, sensitivity, last_activity, suite, key_id, box"
    " from chart.patient where patient = %s"
)
_CURRENT: Final = (
    "select c.id, c.version, v.sha256 from chart.current c join chart.version v"
    " using (type, id, version) where c.type = 'Patient' and c.id = any (%s::text[])"
)
_NAMED: Final = (
    "select patient, departments, care_team, sensitivity, last_activity, suite, key_id, box"
    " from chart.seen_patient where active and patient = any (%(wanted)s::text[]) and " + ADMITTED
)
_PATIENTS: Final = (
    "select patient, departments, care_team, sensitivity, last_activity, suite, key_id, box,"
    " count(*) over () as total from chart.seen_patient where active and "
    + ADMITTED
    + " and (%(department)s::text is null or departments @> array[%(department)s::text])"
    " and (%(tokens)s::bigint[] is null or patient in (select c.id from chart.seen_current c"
    " where c.type = 'Patient' and not c.deleted and c.tokens && %(tokens)s::bigint[]))"
    " order by last_activity desc nulls last, patient limit %(limit)s offset %(offset)s"
)
