"""Opens charts for people: the lists, one chart arranged for reading, one source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from countersign.ground.chart import Chart, PatientFilter, PatientPage, PatientSummary, Version
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import LedgerUnavailable, Receipt
from countersign.ground.signoff import LABELS, Opened, Signoff
from countersign.ground.slides import SLIDE_SYSTEM
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

from .domain import results, sections
from .domain.results import Series
from .domain.sections import Document, Row

DATED = (
    "Procedure", "Immunization", "CarePlan", "Goal", "DiagnosticReport", "ImagingStudy",
    "ServiceRequest", "Appointment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """A released answer as it stands in the chart; ``state`` is signed or amended.

    ``verified_by`` are the signers, each with the colleague on whose behalf it was, if any.
    """

    resource: JSON
    text: str
    reference: str
    release: str
    at: datetime
    state: str
    draft: str | None
    verified_by: tuple[tuple[str, str | None], ...]
    recall: Words | None = None

    @property
    def slide(self) -> str | None:
        """The slide that a report is of, if it is of one."""
        links = [one.get("link", {}) for one in self.resource.get("media", [])]
        named = [one.get("identifier", {}) for one in links]
        return next((one["value"] for one in named if one.get("system") == SLIDE_SYSTEM), None)

    @property
    def quantity(self) -> tuple[object, str] | None:
        """The measured value and its unit, if the answer is one."""
        value = self.resource.get("valueQuantity")
        return (value["value"], value.get("unit", "")) if value else None


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart arranged for reading. ``drafts_hidden`` says why drafts are not shown, if so;
    ``sees_slides`` whether this person may open the slides of the patient."""

    patient: PatientSummary
    receipt: Receipt | None
    problems: list[Row]
    medications: list[Row]
    allergies: list[Row]
    encounters: list[Row]
    results: list[Series]
    vitals: list[Series]
    others: dict[str, list[Row]]
    documents: list[Document]
    answers: list[Answer]
    drafts: list[Opened]
    drafts_hidden: CountersignError | None
    sees_slides: bool


class Charts:
    """What the pages ask for; every look leaves a receipt in the ground below."""

    def __init__(self, chart: Chart, signoff: Signoff, policy: Policy) -> None:
        self._chart = chart
        self._signoff = signoff
        self._policy = policy

    def patients(
        self,
        principal: Principal,
        name: str,
        department: str,
        limit: int,
        offset: int,
        teaching: bool = False,
    ) -> PatientPage:
        """The patients whom the policy lets this person list, or use for teaching."""
        wanted = PatientFilter(name, department, limit, offset, teaching)
        return self._chart.reader(principal).patients(wanted)

    def open(self, principal: Principal, patient: str, language: Language) -> ChartView:
        """The whole chart. When drafts cannot have a receipt the chart goes on without them."""
        chart = self._chart.reader(principal).open(patient)
        groups = sections.by_type(version.resource for version in chart.versions)
        observed = [one for one in groups.get("Observation", []) if not _ai(one)]
        series = results.series(observed, language)
        # What was released here stands among the answers, with who verified it.
        others = sections.by_type(one.resource for one in chart.versions if one.release_id is None)
        drafts, hidden = self._drafts(principal, patient)
        return ChartView(
            patient=chart.summary,
            receipt=chart.receipt,
            problems=sections.problems(groups.get("Condition", []), language),
            medications=sections.medications(
                [*groups.get("MedicationRequest", []), *groups.get("MedicationStatement", [])],
                language,
            ),
            allergies=sections.allergies(groups.get("AllergyIntolerance", []), language),
            encounters=sections.encounters(groups.get("Encounter", []), language),
            results=[one for one in series if not one.vital],
            vitals=[one for one in series if one.vital],
            others={kind: sections.dated(others.get(kind, []), language) for kind in DATED},
            documents=sections.documents(
                [*groups.get("DocumentReference", []), *groups.get("Composition", [])], language
            ),
            answers=self._answers(chart.versions, language),
            drafts=drafts,
            drafts_hidden=hidden,
            sees_slides=self._sees_slides(principal, patient),
        )

    def results(
        self, principal: Principal, patient: str, language: Language
    ) -> tuple[PatientSummary, list[Series]]:
        """Every result that has a trend, flagged and fresh ones first."""
        chart = self._chart.reader(principal).open(patient)
        observed = [one.resource for one in chart.of("Observation")]
        series = results.series((one for one in observed if not _ai(one)), language)
        return chart.summary, [one for one in series if one.trend]

    def source(self, principal: Principal, kind: str, identifier: str, version: int) -> Version:
        """One version of one resource, as the evidence of an answer names it."""
        return self._chart.reader(principal).version(kind, identifier, version)

    def _answers(self, versions: Sequence[Version], language: Language) -> list[Answer]:
        """The released answers, each with the label of a recall that reaches it."""
        labels = self._signoff.labels.of(versions)
        return [
            replace(one, recall=LABELS[labels[one.reference]]) if one.reference in labels else one
            for one in _answers(versions, language)
        ]

    def label(self, version: Version) -> Words | None:
        """The label of one version, if a recall reaches it."""
        label = self._signoff.labels.of([version]).get(version.versioned)
        return LABELS[label] if label else None

    def _sees_slides(self, principal: Principal, patient: str) -> bool:
        asked = (
            (Action.SLIDES_LIST, Facts.house("slides")),
            (Action.SLIDE_READ, self._chart.facts_of(patient)),
        )
        return all(self._policy.decide(principal, *one).allowed for one in asked)

    def _drafts(
        self, principal: Principal, patient: str
    ) -> tuple[list[Opened], CountersignError | None]:
        allowed = self._policy.decide(principal, Action.INBOX_READ, Facts.house()).allowed
        if not allowed:
            return [], None
        try:
            return self._signoff.reading.for_patient(principal, patient), None
        except LedgerUnavailable as problem:
            return [], problem


def _ai(resource: JSON) -> bool:
    return results.asserted_by_ai(resource)


def _answers(versions: Sequence[Version], language: Language) -> list[Answer]:
    provenance = {one.release_id: one.resource for one in versions if one.type == "Provenance"}
    found = [
        _answer(one, provenance.get(one.release_id, {}), language)
        for one in versions
        if one.release_id is not None and one.type != "Provenance"
    ]
    return sorted(found, key=lambda one: (one.at, one.release), reverse=True)


def _answer(version: Version, provenance: JSON, language: Language) -> Answer:
    draft = [
        entity["what"]["identifier"]["value"]
        for entity in provenance.get("entity", [])
        if entity["what"].get("identifier", {}).get("system") == "urn:countersign:draft"
    ]
    verifiers = [
        (agent["who"]["identifier"]["value"], _absent(agent))
        for agent in provenance.get("agent", [])
        if "identifier" in agent["who"]
    ]
    return Answer(
        resource=version.resource,
        text=sections.answered(version.resource, language),
        reference=version.versioned,
        release=version.release_id or "",
        at=version.at,
        state="amended" if provenance.get("activity", {}).get("text") == "amended" else "signed",
        draft=draft[0] if draft else None,
        verified_by=tuple(verifiers),
    )


def _absent(agent: JSON) -> str | None:
    """The colleague on whose behalf an agent of a Provenance acted."""
    return agent.get("onBehalfOf", {}).get("identifier", {}).get("value")
