"""Why a field of the expected conversions differs from ours: patterns, each with its reason."""

from __future__ import annotations

SPLIT: dict[str, str] = {
    "RelatedPerson": "guarantors and insured persons (GT1, IN1, IN2) are made no related persons",
    "Observation": "OBX of a document are its content; death, accident (PDA, ACC) are not observed",
    "ServiceRequest": "an order is made of orders and results, not of documents and referrals",
    "DiagnosticReport": "a report is made of results (ORU, OUL with OBR-4), not of orders",
    "DocumentReference": "a document is made of MDM alone; pictures of a result stay in its report",
    "Encounter": "a visit with no number and no beginning (PV1-19, PV1-44) is not told from others",
    "Condition": "a cause of death (PDA) is made no diagnosis; reasons of an order stay with it",
    "Coverage": "insurance is taken from ADT alone, not repeated from orders",
}
"""Where the expected bundle has a resource and ours has none left to compare it with."""

_PERIODS = "validity periods and ranks of names, addresses and numbers are not kept"
_FIRST = "of several names and numbers the message's own repetitions are kept, not other segments'"
ELEMENTS: tuple[tuple[str, str], ...] = (
    (r"(Patient|RelatedPerson)\.(name|address|telecom)\.(period|rank)", _PERIODS),
    (r"\w+\.contact\b", "contacts are related persons of the chart, not parts of the patient"),
    (r"Patient\.communication", "languages keep the sender's code; none is translated to BCP 47"),
    (r"(Patient|RelatedPerson)\.address\.line", "street and number are one line, as written"),
    (r"(Patient|RelatedPerson)\.address\.(district|type)",
     "a county is a district here; whether an address is postal is not kept"),
    (r"(Patient|RelatedPerson)\.telecom\.use", "a cell phone is mobile, whoever it belongs to"),
    (r"(Patient|RelatedPerson)\.telecom", "one number for each repetition of a field"),
    (r"(Patient|RelatedPerson)\.name", "maiden name of the mother and suffixes are not kept"),
    (r"Patient\.(identifier|link|active|photo|multipleBirth|deceased|_)", _FIRST),
    (r"RelatedPerson\.", "paired with another person: guarantors and insured are not made"),
    (r"Encounter\.participant", "four kinds of physician of PV1; roles and texts are not repeated"),
    (r"Encounter\.(account|episodeOfCare|length|diagnosis|priority|classHistory|statusHistory)",
     "accounts, episodes and counts are not made; diagnoses point to the visit"),
    (r"Encounter\.location", "ward and bed of PV1-3, 6, 11, 42; of others none"),
    (r"Encounter\.hospitalization", "period and assigner of the pre-admission number are left out"),
    (r"Encounter\.(status|class)", "the event decides (A05 planned, A11 cancelled)"),
    (r"Encounter\.period", "the stay begins with PV1-44; an expected date is none"),
    (r"Encounter\.(type|serviceType|reasonCode|identifier|subject)",
     "admission type, service and reason as PV1-4, PV1-10, PV2-3 say; others are not kept"),
    (r"Observation\.status", "table 0085 after the guide: I and O are registered, S preliminary"),
    (r"Observation\.component\.referenceRange", "the range stands once, beside the components"),
    (r"Observation\.(component\.)?valueQuantity\.(code|system)",
     "a unit is coded where it is UCUM, else it stays text"),
    (r"Observation\.(component|value)", "several values of another type than numbers are one text"),
    (r"Observation\.interpretation", "flags keep the sender's code"),
    (r"Observation\.(device|specimen|identifier|method|bodySite|performer|effective|note|code)",
     "devices, specimens and instance identifiers are not made; the rest as OBX says"),
    (r"ServiceRequest\.(quantity|occurrence|asNeeded|orderDetail)",
     "timing and quantity (TQ1, OBR-27) of an order are not kept"),
    (r"ServiceRequest\.(note|reasonCode|reasonReference|category|locationCode|basedOn|supportingInfo)",
     "notes and reasons where ORC and OBR have them, not other segments'"),
    (r"ServiceRequest\.(status|intent|priority|code|authoredOn|encounter|performer|requester)",
     "status after tables 0119 and 0038; an order stays an order when its result comes"),
    (r"DiagnosticReport\.(code|presentedForm|status|identifier|effective|category|issued|encounter)",
     "one report for each OBR; the converter makes one for each picture of it"),
    (r"AllergyIntolerance\.(reaction|onset|_type|identifier|recorder|note|meta)",
     "when it was identified is its onset; who recorded it is not kept"),
    (r"AllergyIntolerance\.(criticality|category|type|code|clinicalStatus)",
     "tables 0127 and 0128 after the guide; moderate has no criticality"),
    (r"Condition\.(code|onset|stage|identifier|asserter|encounter)",
     "codes as DG1 says; stage and grouping are not kept"),
    (r"Coverage\.", "plan, group, payor, period, relation of IN1; not costs, not networks"),
    (r"DocumentReference\.docStatus", "table 0271 after the guide: authenticated is final"),
    (r"DocumentReference\.", "categories and security labels of TXA are not kept"),
)  # fmt: skip
"""The first that matches says why."""
