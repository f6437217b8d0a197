"""What this door offers, as a FHIR CapabilityStatement."""

from __future__ import annotations

from functools import lru_cache

from countersign import __version__
from countersign.ground.chart import search_parameters
from countersign.ground.shell import smart_addresses
from countersign.kit.json import encode

TYPES = (
    "AllergyIntolerance", "Appointment", "Binary", "CarePlan", "CareTeam", "Claim",
    "ClinicalImpression", "Communication", "Composition", "Condition", "Consent",
    "DetectedIssue", "Device", "DiagnosticReport", "DocumentReference", "Encounter",
    "ExplanationOfBenefit", "Goal", "ImagingStudy", "Immunization", "Location", "Media",
    "Medication", "MedicationAdministration", "MedicationRequest", "MedicationStatement",
    "Observation", "Organization", "Patient", "Practitioner", "PractitionerRole",
    "Procedure", "Provenance",
    "Questionnaire", "QuestionnaireResponse", "Schedule", "ServiceRequest", "Slot", "Specimen",
    "Task",
)  # fmt: skip
"""The types that are named; every other R4 type is stored and read as well."""

INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")


@lru_cache(1)
def capability(base: str, date: str) -> bytes:
    """The statement's bytes."""
    return encode(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": date,
            "kind": "instance",
            "software": {"name": "Countersign", "version": __version__},
            "implementation": {"description": "Countersign", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "security": _security(base),
                    "resource": [_resource(kind) for kind in TYPES],
                    "interaction": [{"code": "batch"}, {"code": "transaction"}],
                }
            ],
        }
    )


def _security(base: str) -> dict[str, object]:
    """SMART on FHIR, with its addresses also in the form that version 1 clients read."""
    found = smart_addresses(base.removesuffix("/fhir"))
    return {
        "cors": True,
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                        "display": "SMART-on-FHIR",
                    }
                ],
                "text": "OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)",
            }
        ],
        "extension": [
            {
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [
                    {"url": name, "valueUri": address} for name, address in found.by_name().items()
                ],
            }
        ],
        "description": "SMART App Launch and Backend Services for registered apps, or bearer "
        "tokens issued by the administrator, with scopes and departments. Whatever a model "
        "proposed and nobody signed is not visible here.",
    }


def _resource(kind: str) -> dict[str, object]:
    return {
        "type": kind,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "searchParam": [{"name": name, "type": _type(name)} for name in search_parameters(kind)],
    }


def _type(name: str) -> str:
    if name in ("patient", "subject", "encounter"):
        return "reference"
    if name in ("name", "family", "given"):
        return "string"
    if "date" in name or name in ("_lastUpdated", "period", "authored", "recorded", "onset-date"):
        return "date"
    return "token"
