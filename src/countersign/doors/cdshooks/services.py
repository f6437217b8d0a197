"""The services that are offered, one for each moment, with what they ask to be sent along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from countersign.ground.shell import HookName
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

PATIENT = {"patient": "Patient/{{context.patientId}}"}
RESULTS = {
    "results": "Observation?patient={{context.patientId}}&category=laboratory&_sort=-date&_count=50"
}
ORDERED = (HookName.ORDER_SELECT, HookName.ORDER_SIGN)
STAYED = (HookName.ENCOUNTER_START, HookName.ENCOUNTER_DISCHARGE)


@dataclass(frozen=True, slots=True)
class Service:
    """``prefetch`` maps keys to FHIR queries with prefetch tokens."""

    hook: HookName
    title: Words
    description: Words
    prefetch: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def id(self) -> str:
        """The last segment of its address."""
        return f"countersign-{self.hook}"


SERVICES: Mapping[str, Service] = {
    one.id: one
    for one in (
        Service(
            HookName.PATIENT_VIEW,
            Words("Drafts about this patient", "该患者的草稿"),
            Words(
                "Drafts that await a physician's decision when a patient is opened.",
                "打开患者时，显示待医师决定的草稿。",
            ),
            {**PATIENT, **RESULTS},
        ),
        Service(
            HookName.ORDER_SELECT,
            Words("While an order is written", "开具医嘱时"),
            Words("Drafts about the orders that are being chosen.", "显示与所选医嘱有关的草稿。"),
            PATIENT,
        ),
        Service(
            HookName.ORDER_SIGN,
            Words("Before an order is signed", "签署医嘱前"),
            Words(
                "Drafts about the orders that are about to be signed.",
                "显示与即将签署的医嘱有关的草稿。",
            ),
            PATIENT,
        ),
        Service(
            HookName.ENCOUNTER_START,
            Words("When a visit or stay begins", "就诊或住院开始时"),
            Words(
                "Drafts that await a decision when a visit or stay begins.",
                "就诊或住院开始时，显示待决定的草稿。",
            ),
            PATIENT,
        ),
        Service(
            HookName.ENCOUNTER_DISCHARGE,
            Words("Before discharge", "出院前"),
            Words(
                "Drafts that nobody has decided yet when a patient is discharged.",
                "患者出院时，显示尚未决定的草稿。",
            ),
            PATIENT,
        ),
    )
}


def discovery(language: Language) -> JSON:
    """What ``GET /cds-services`` answers; it says nothing of any patient or system."""
    return {
        "services": [
            {
                "hook": str(one.hook),
                "id": one.id,
                "title": one.title.into(language),
                "description": one.description.into(language),
                "prefetch": dict(one.prefetch),
            }
            for one in SERVICES.values()
        ]
    }
