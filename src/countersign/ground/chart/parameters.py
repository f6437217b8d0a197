"""The search parameters of each type: R4 standard names, and the elements that they look at.

Source: the search parameter registry of FHIR R4 (https://hl7.org/fhir/R4/searchparameter-registry.html).
One clinical date stands for each type; it is kept in plain columns, everything else only as
keyed hashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

Kind = Literal["token", "reference", "string", "birth"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter; ``paths`` are dotted elements, lists are walked through."""

    name: str
    kind: Kind
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clinical:
    """The clinical date of a type: its parameter's names, and elements, the first found counts."""

    names: tuple[str, ...]
    elements: tuple[str, ...]


EVERY = """
identifier token identifier
_tag token meta.tag
_security token meta.security
_profile token meta.profile
"""

TABLE: dict[str, str] = {
    "Account": "status token status; type token type; name string name; subject reference subject",
    "AllergyIntolerance": "clinical-status token clinicalStatus; verification-status token "
    "verificationStatus; code token code reaction.substance; category token category; "
    "criticality token criticality; type token type; recorder reference recorder; "
    "asserter reference asserter",
    "Appointment": "status token status; service-type token serviceType; specialty token "
    "specialty; actor reference participant.actor; practitioner reference participant.actor; "
    "location reference participant.actor; slot reference slot",
    "AuditEvent": "type token type; action token action; outcome token outcome; agent reference "
    "agent.who; entity reference entity.what",
    "Basic": "code token code; author reference author",
    "Binary": "contenttype token contentType",
    "CarePlan": "status token status; intent token intent; category token category; encounter "
    "reference encounter; condition reference addresses; goal reference goal; "
    "activity-code token activity.detail.code; care-team reference careTeam",
    "CareTeam": "status token status; category token category; encounter reference encounter; "
    "participant reference participant.member",
    "Claim": "status token status; use token use; provider reference provider; encounter "
    "reference item.encounter; priority token priority",
    "ClinicalImpression": "status token status; assessor reference assessor; encounter reference "
    "encounter; problem reference problem; finding-code token finding.itemCodeableConcept",
    "Communication": "status token status; category token category; encounter reference "
    "encounter; sender reference sender; recipient reference recipient; based-on reference basedOn",
    "Composition": "status token status; type token type; category token category; title string "
    "title; author reference author; encounter reference encounter; confidentiality token "
    "confidentiality",
    "Condition": "clinical-status token clinicalStatus; verification-status token "
    "verificationStatus; code token code; category token category; severity token severity; "
    "body-site token bodySite; encounter reference encounter; asserter reference asserter",
    "Consent": "status token status; scope token scope; category token category; action token "
    "provision.action; organization reference organization",
    "Coverage": "status token status; type token type; payor reference payor",
    "DetectedIssue": "code token code; status token status; severity token severity; author "
    "reference author; implicated reference implicated",
    "Device": "status token status; type token type; device-name string deviceName.name "
    "type.text; manufacturer string manufacturer; model string modelNumber; organization "
    "reference owner; location reference location",
    "DiagnosticReport": "status token status; category token category; code token code; "
    "encounter reference encounter; result reference result; specimen reference specimen; "
    "based-on reference basedOn; performer reference performer; conclusion token conclusionCode; "
    "media reference media.link",
    "DocumentReference": "status token status; type token type; category token category; "
    "contenttype token content.attachment.contentType; author reference author; encounter "
    "reference context.encounter; description string description; custodian reference custodian; "
    "security-label token securityLabel; location token content.attachment.url",
    "Encounter": "status token status; class token class; type token type; service-provider "
    "reference serviceProvider; participant reference participant.individual; practitioner "
    "reference participant.individual; location reference location.location; reason-code token "
    "reasonCode; diagnosis reference diagnosis.condition; part-of reference partOf; "
    "episode-of-care reference episodeOfCare; service-type token serviceType",
    "EpisodeOfCare": "status token status; type token type; organization reference "
    "managingOrganization; care-manager reference careManager; condition reference "
    "diagnosis.condition",
    "ExplanationOfBenefit": "status token status; claim reference claim; provider reference "
    "provider; encounter reference item.encounter; coverage reference insurance.coverage; "
    "care-team reference careTeam.provider; facility reference facility",
    "FamilyMemberHistory": "status token status; relationship token relationship; sex token sex; "
    "code token condition.code",
    "Flag": "status token status; category token category; code token code; encounter reference "
    "encounter; author reference author",
    "Goal": "lifecycle-status token lifecycleStatus; achievement-status token achievementStatus; "
    "category token category; description token description",
    "Group": "type token type; code token code; actual token actual; member reference "
    "member.entity; name string name",
    "HealthcareService": "active token active; name string name; service-type token type; "
    "service-category token category; specialty token specialty; organization reference "
    "providedBy; location reference location",
    "ImagingStudy": "status token status; modality token series.modality modality; bodysite token "
    "series.bodySite; encounter reference encounter; series token series.uid; instance token "
    "series.instance.uid; dicom-class token series.instance.sopClass; basedon reference basedOn; "
    "reason token reasonCode; performer reference series.performer.actor",
    "Immunization": "status token status; vaccine-code token vaccineCode; performer reference "
    "performer.actor; location reference location; lot-number string lotNumber; status-reason "
    "token statusReason; encounter reference encounter",
    "List": "status token status; code token code; title string title; item reference entry.item; "
    "encounter reference encounter; source reference source",
    "Location": "status token status; name string name alias; type token type; operational-status "
    "token operationalStatus; organization reference managingOrganization; partof reference partOf;"
    " address string address; address-city string address.city; physical-type token physicalType",
    "Media": "status token status; type token type; modality token modality; view token view; "
    "encounter reference encounter; based-on reference basedOn; device reference device; "
    "operator reference operator; site token bodySite",
    "Medication": "code token code; status token status; form token form; lot-number token "
    "batch.lotNumber; manufacturer reference manufacturer; ingredient-code token "
    "ingredient.itemCodeableConcept; ingredient reference ingredient.itemReference",
    "MedicationAdministration": "status token status; code token medicationCodeableConcept; "
    "medication reference medicationReference; context reference context; request reference "
    "request; performer reference performer.actor; reason-given token reasonCode; device "
    "reference device",
    "MedicationDispense": "status token status; code token medicationCodeableConcept; medication "
    "reference medicationReference; context reference context; prescription reference "
    "authorizingPrescription; performer reference performer.actor; type token type",
    "MedicationRequest": "status token status; intent token intent; priority token priority; "
    "category token category; code token medicationCodeableConcept; medication reference "
    "medicationReference; encounter reference encounter; requester reference requester; "
    "intended-performer reference performer",
    "MedicationStatement": "status token status; category token category; code token "
    "medicationCodeableConcept; medication reference medicationReference; context reference "
    "context; source reference informationSource; part-of reference partOf",
    "Observation": "status token status; category token category; code token code; "
    "component-code token component.code; combo-code token code component.code; encounter "
    "reference encounter; performer reference performer; specimen reference specimen; device "
    "reference device; based-on reference basedOn; derived-from reference derivedFrom; "
    "has-member reference hasMember; part-of reference partOf; method token method; "
    "value-concept token valueCodeableConcept; value-string string valueString; "
    "data-absent-reason token dataAbsentReason",
    "Organization": "active token active; name string name alias; type token type; partof "
    "reference partOf; address string address; address-city string address.city",
    "Patient": "active token active; name string name; family string name.family; given string "
    "name.given; birthdate birth birthDate; gender token gender; phone token telecom; email token "
    "telecom; telecom token telecom; address string address; address-city string address.city; "
    "address-postalcode string address.postalCode; general-practitioner reference "
    "generalPractitioner; organization reference managingOrganization; link reference link.other; "
    "language token communication.language; deceased token deceasedBoolean",
    "Practitioner": "active token active; name string name; family string name.family; given "
    "string name.given; gender token gender; phone token telecom; email token telecom; telecom "
    "token telecom; address string address; communication token communication",
    "PractitionerRole": "active token active; practitioner reference practitioner; organization "
    "reference organization; role token code; specialty token specialty; location reference "
    "location; service reference healthcareService; phone token telecom; telecom token telecom",
    "Procedure": "status token status; category token category; code token code; encounter "
    "reference encounter; performer reference performer.actor; reason-code token reasonCode; "
    "reason-reference reference reasonReference; based-on reference basedOn; part-of reference "
    "partOf; location reference location",
    "Provenance": "target reference target; agent reference agent.who; agent-type token "
    "agent.type; agent-role token agent.role; entity reference entity.what; location reference "
    "location; signature-type token signature.type",
    "Questionnaire": "status token status; url token url; name string name; title string title; "
    "version token version; publisher string publisher; code token item.code; "
    "subject-type token subjectType",
    "QuestionnaireResponse": "status token status; questionnaire token questionnaire; encounter "
    "reference encounter; author reference author; source reference source; based-on reference "
    "basedOn; part-of reference partOf",
    "RelatedPerson": "active token active; name string name; gender token gender; relationship "
    "token relationship; birthdate birth birthDate; phone token telecom; telecom token telecom",
    "RiskAssessment": "method token method; encounter reference encounter; condition reference "
    "condition; performer reference performer; risk token prediction.qualitativeRisk",
    "Schedule": "active token active; actor reference actor; service-type token serviceType; "
    "service-category token serviceCategory; specialty token specialty",
    "ServiceRequest": "status token status; intent token intent; priority token priority; "
    "category token category; code token code; encounter reference encounter; requester "
    "reference requester; performer reference performer; performer-type token performerType; "
    "based-on reference basedOn; replaces reference replaces; requisition token requisition; "
    "specimen reference specimen; body-site token bodySite",
    "Slot": "status token status; schedule reference schedule; service-type token serviceType; "
    "service-category token serviceCategory; specialty token specialty; appointment-type token "
    "appointmentType",
    "Specimen": "status token status; type token type; accession token accessionIdentifier; "
    "bodysite token collection.bodySite; collector reference collection.collector; parent "
    "reference parent; container token container.type",
    "Task": "status token status; intent token intent; priority token priority; code token code; "
    "business-status token businessStatus; encounter reference encounter; focus reference focus; "
    "owner reference owner; requester reference requester; based-on reference basedOn; part-of "
    "reference partOf; performer token performerType; group-identifier token groupIdentifier",
}

CLINICAL: dict[str, Clinical] = {
    "AllergyIntolerance": Clinical(("date",), ("recordedDate", "onsetDateTime", "onsetPeriod")),
    "Appointment": Clinical(("date",), ("start-end", "requestedPeriod")),
    "AuditEvent": Clinical(("date",), ("recorded",)),
    "Basic": Clinical(("created",), ("created",)),
    "CarePlan": Clinical(("date",), ("period", "created")),
    "CareTeam": Clinical(("date",), ("period",)),
    "Claim": Clinical(("created",), ("created",)),
    "ClinicalImpression": Clinical(("date",), ("date", "effectiveDateTime")),
    "Communication": Clinical(("sent",), ("sent", "received")),
    "Composition": Clinical(("date",), ("date",)),
    "Condition": Clinical(("onset-date",), ("onsetDateTime", "onsetPeriod", "recordedDate")),
    "Consent": Clinical(("date",), ("dateTime",)),
    "DetectedIssue": Clinical(("identified",), ("identifiedDateTime", "identifiedPeriod")),
    "DiagnosticReport": Clinical(("date",), ("effectiveDateTime", "effectivePeriod", "issued")),
    "DocumentReference": Clinical(("date",), ("date", "context.period")),
    "Encounter": Clinical(("date",), ("period",)),
    "EpisodeOfCare": Clinical(("date",), ("period",)),
    "ExplanationOfBenefit": Clinical(("created",), ("created",)),
    "FamilyMemberHistory": Clinical(("date",), ("date",)),
    "Flag": Clinical(("date",), ("period",)),
    "Goal": Clinical(("start-date",), ("startDate", "statusDate")),
    "ImagingStudy": Clinical(("started",), ("started",)),
    "Immunization": Clinical(("date",), ("occurrenceDateTime", "recorded")),
    "List": Clinical(("date",), ("date",)),
    "Media": Clinical(("created",), ("createdDateTime", "createdPeriod", "issued")),
    "MedicationAdministration": Clinical(
        ("effective-time",), ("effectiveDateTime", "effectivePeriod")
    ),
    "MedicationDispense": Clinical(("whenhandedover",), ("whenHandedOver", "whenPrepared")),
    "MedicationRequest": Clinical(("authoredon",), ("authoredOn",)),
    "MedicationStatement": Clinical(
        ("effective",), ("effectiveDateTime", "effectivePeriod", "dateAsserted")
    ),
    "Observation": Clinical(
        ("date",), ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
    ),
    "Procedure": Clinical(("date",), ("performedDateTime", "performedPeriod")),
    "Provenance": Clinical(("recorded",), ("recorded",)),
    "Questionnaire": Clinical(("date",), ("date",)),
    "QuestionnaireResponse": Clinical(("authored",), ("authored",)),
    "RiskAssessment": Clinical(("date",), ("occurrenceDateTime", "occurrencePeriod")),
    "Schedule": Clinical(("date",), ("planningHorizon",)),
    "ServiceRequest": Clinical(
        ("authored",), ("authoredOn", "occurrenceDateTime", "occurrencePeriod")
    ),
    "Slot": Clinical(("start",), ("start-end",)),
    "Specimen": Clinical(
        ("collected",),
        ("collection.collectedDateTime", "collection.collectedPeriod", "receivedTime"),
    ),
    "Task": Clinical(("authored-on",), ("authoredOn", "lastModified")),
}

COMMON = ("_id", "_lastUpdated", "_count", "_sort", "_cursor", "_total")
"""Parameters that every type understands besides its own."""


@lru_cache(maxsize=256)
def parameters(kind: str) -> dict[str, Parameter]:
    """The indexed parameters of a type by name; types without a table have the common ones."""
    own = TABLE.get(kind, "status token status; code token code; url token url; name string name")
    rules = [*own.split(";"), *EVERY.strip().splitlines()]
    found: dict[str, Parameter] = {}
    for rule in rules:
        name, sort, *paths = rule.split()
        found[name] = Parameter(name, cast("Kind", sort), tuple(paths))
    return found
