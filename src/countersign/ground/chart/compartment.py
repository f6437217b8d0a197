"""Which patient a resource belongs to.

A resource has one owner or none. The owner is the patient named by the element in ``OWNER``
(R4 CompartmentDefinition ``patient``, https://hl7.org/fhir/R4/compartmentdefinition-patient.html,
of which only the elements that say *about whom* count: a patient who performed or wrote
something does not own it). What has no owner belongs to the house.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from countersign.kit.json import JSON

_TABLE = """
subject: Account AdverseEvent Basic CarePlan CareTeam ChargeItem ClinicalImpression Communication
 CommunicationRequest Composition Condition DeviceRequest DeviceUseStatement DiagnosticReport
 DocumentManifest DocumentReference Encounter Flag Goal GuidanceResponse ImagingStudy Invoice List
 MeasureReport Media MedicationAdministration MedicationDispense MedicationRequest
 MedicationStatement Observation Procedure QuestionnaireResponse RequestGroup RiskAssessment
 ServiceRequest Specimen
patient: AllergyIntolerance BodyStructure Claim ClaimResponse Consent CoverageEligibilityRequest
 CoverageEligibilityResponse DetectedIssue Device EpisodeOfCare ExplanationOfBenefit
 FamilyMemberHistory Immunization ImmunizationEvaluation ImmunizationRecommendation
 MolecularSequence NutritionOrder RelatedPerson SupplyDelivery VisionPrescription
participant.actor: Appointment
actor: AppointmentResponse
entity.what: AuditEvent
securityContext: Binary
beneficiary: Coverage
candidate: EnrollmentRequest
link.target: Person
target: Provenance
individual: ResearchSubject
deliverTo: SupplyRequest
for: Task
"""


def _read(table: str) -> dict[str, str]:
    owners: dict[str, str] = {}
    for row in table.replace("\n ", " ").strip().splitlines():
        element, _, kinds = row.partition(":")
        owners.update(dict.fromkeys(kinds.split(), element))
    return owners


OWNER = _read(_TABLE)
"""The element that names the owner; a reference to a resource of a patient counts as well."""

FREE = frozenset(
    {
        "Account",
        "AppointmentResponse",
        "AuditEvent",
        "Basic",
        "Communication",
        "CommunicationRequest",
        "Device",
        "DocumentManifest",
        "EnrollmentRequest",
        "Invoice",
        "List",
        "MeasureReport",
        "Person",
        "Provenance",
        "SupplyDelivery",
        "SupplyRequest",
        "Task",
    }
)
"""Types of ``OWNER`` that may also be about no patient at all."""

SHARED = frozenset({"Patient", "Person", "RelatedPerson", "Appointment", "Group", "AuditEvent"})
"""Types that may point to other patients as well (Patient.link, several participants)."""


def owner_references(resource: JSON) -> tuple[str, ...]:
    """The references that decide the owner, as they are written; a Patient names itself."""
    kind = str(resource["resourceType"])
    if kind == "Patient":
        return (f"Patient/{resource['id']}",) if "id" in resource else ()
    path = OWNER[kind].split(".") if kind in OWNER else [""]
    references = (one.get("reference") for one in _at(resource, path))
    return tuple(one for one in references if isinstance(one, str) and not one.startswith("#"))


def owner_element(kind: str) -> str:
    """The element that should have named the patient, for a sentence to a person."""
    return f"{kind}.{OWNER[kind]}" if kind in OWNER else kind


def _at(value: Any, path: list[str]) -> Iterator[JSON]:
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _at(item, path)
    elif isinstance(value, dict):
        node = cast("JSON", value)
        if not path:
            yield node
        elif path[0] in node:
            yield from _at(node[path[0]], path[1:])
