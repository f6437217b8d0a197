"""Opens charts by break-glass and records consents, each under the name of who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from countersign.ground.chart import Chart, Identified, NotFound, Version, refused_by
from countersign.ground.identity import (
    Action,
    BadValue,
    BreakGlass,
    Facts,
    Opening,
    Policy,
    Principal,
    Stated,
)
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock, stamp
from countersign.kit.ids import NewId
from countersign.kit.json import JSON
from countersign.kit.words import Words

LABELS: dict[str, Words] = {
    "PSY": Words("Psychiatry", "精神科"),
    "HIV": Words("HIV", "HIV"),
    "GDIS": Words("Genetics", "遗传病"),
}
"""What may be opened with a second thought; the label of staff is opened by the emergency."""

ALL_LABELS: dict[str, Words] = {**LABELS, "EMP": Words("Member of staff", "本院员工")}
"""What people and rules may label."""

REFUSALS: dict[str, Words] = {
    "ai": Words("Processing by AI", "AI 处理"),
    "research": Words("Use for research", "用于科研"),
    "teaching": Words("Use for teaching", "用于教学"),
}
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_PROVISIONS: dict[str, JSON] = {
    "ai": {"code": [{"coding": [{"system": "urn:countersign:consent", "code": "ai-processing"}]}]},
    "research": {"purpose": [{"system": _REASON, "code": "HRESCH"}]},
    "teaching": {"purpose": [{"system": _REASON, "code": "TRAIN"}]},
}


def lent_kinds() -> dict[str, Words]:
    """What can be left to a colleague."""
    return {
        "inbox": Words(
            "All of my work: my departments' patients, and those in whose care team I am",
            "全部工作：本人科室的患者，以及本人参与照护团队的患者",
        ),
        "care": Words("Only the patients in whose care team I am", "仅本人参与照护团队的患者"),
    }


def when(text: str, field: str) -> date:
    """A day of a form. Raises BadValue."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadValue(field=field) from None


def in_care(principal: Principal, facts: Facts) -> bool:
    """Whether labels close nothing of this patient to the person."""
    people = {principal.id} | principal.stands_for
    return bool(people & facts.care_team) or facts.patient in principal.care


@dataclass(frozen=True, slots=True)
class Refusal:
    """One Consent of the chart: ``refused`` as the policy knows it; ``active`` until withdrawn."""

    id: str
    refused: tuple[str, ...]
    active: bool
    since: str


class Access:
    """The use cases of this room."""

    def __init__(
        self,
        chart: Chart,
        glass: BreakGlass,
        policy: Policy,
        ledger: Ledger,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._chart = chart
        self._glass = glass
        self._policy = policy
        self._ledger = ledger
        self._clock = clock
        self._new_id = new_id

    def identify(self, principal: Principal, who: str) -> Identified:
        """Whom the physician means."""
        return self._chart.identify(principal, who)

    def sees(self, principal: Principal, patient: str) -> bool:
        """Whether the chart is open to this person anyway."""
        facts = self._chart.named(patient)
        return self._policy.decide(principal, Action.CHART_READ, facts).allowed

    def open(self, principal: Principal, patient: str, stated: Stated) -> Opening:
        """Breaks the glass. Raises NotFound, Forbidden, BadValue, OnlyEmergency."""
        return self._glass.open(principal, self._chart.named(patient), stated)

    def consents(self, principal: Principal, patient: str) -> list[Refusal]:
        """What this patient refuses or refused, the latest first. Raises Forbidden."""
        self._require(principal, patient)
        page = self._chart.reader(principal).search("Consent", [("patient", patient)])
        found = [_refusal(one) for one in page.versions]
        return sorted(found, key=lambda one: (one.active, one.since), reverse=True)

    def refuse(
        self, principal: Principal, patient: str, what: Sequence[str], departments: Sequence[str]
    ) -> str:
        """Records a refusal as a FHIR Consent and returns its id. Raises Forbidden, BadValue."""
        facts = self._require(principal, patient)
        provision: JSON = {"type": "deny"}
        for one in what:
            if one not in _PROVISIONS:
                raise BadValue(field="refused")
            for name, values in _PROVISIONS[one].items():
                provision[name] = [*provision.get(name, []), *values]
        if departments:
            provision["actor"] = [_actor(code) for code in departments]
        if len(provision) == 1:
            raise BadValue(field="refused")
        consent = self._new_id()
        self._write(principal, _consent(consent, patient, provision, stamp(self._clock())))
        refused = ",".join([*what, *(f"department:{code}" for code in departments)])
        self._record(principal, facts, consent, {"change": "refused", "refused": refused[:250]})
        return consent

    def withdraw(self, principal: Principal, patient: str, consent: str) -> None:
        """The refusal counts no more; it stays in the history. Raises Forbidden, NotFound."""
        facts = self._require(principal, patient)
        if consent not in {one.id for one in self.consents(principal, patient)}:
            raise NotFound(type="Consent")
        current = self._chart.reader(principal).read("Consent", consent)
        changed = {name: value for name, value in current.resource.items() if name != "meta"}
        self._write(principal, {**changed, "status": "inactive"})
        self._record(principal, facts, consent, {"change": "withdrawn"})

    def _require(self, principal: Principal, patient: str) -> Facts:
        try:
            facts = self._chart.named(patient)
        except NotFound:
            facts = Facts("chart", patient)  # answers like a patient who may not be seen
        self._policy.require(principal, Action.CONSENT_RECORD, facts)
        return facts

    def _write(self, principal: Principal, resource: JSON) -> None:
        entry = {
            "resource": resource,
            "request": {"method": "PUT", "url": f"Consent/{resource['id']}"},
        }
        bundle: JSON = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        self._chart.receive(principal, bundle, source="consent", keep_ids=True, entered=True)

    def _record(
        self,
        principal: Principal,
        facts: Facts,
        consent: str,
        detail: dict[str, str | int | bool],
    ) -> None:
        self._ledger.record(
            Event(
                EventKind.CONSENT_RECORDED,
                principal.actor,
                facts.patient,
                f"Consent/{consent}",
                detail=detail,
            )
        )


def _consent(identifier: str, patient: str, provision: JSON, at: str) -> JSON:
    """A FHIR R4 Consent of the scope patient-privacy."""
    return {
        "resourceType": "Consent",
        "id": identifier,
        "status": "active",
        "scope": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
                    "code": "patient-privacy",
                }
            ]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{patient}"},
        "dateTime": at,
        "policyRule": {"text": "The patient's own wish"},
        "provision": provision,
    }


def _actor(code: str) -> JSON:
    role = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
        "code": "IRCP",
    }
    place = {"system": "urn:countersign:department", "value": code}
    return {"role": {"coding": [role]}, "reference": {"identifier": place}}


def _refusal(version: Version) -> Refusal:
    resource = version.resource
    return Refusal(
        version.id,
        refused_by(resource),
        resource.get("status") == "active",
        str(resource.get("dateTime", "")),
    )
