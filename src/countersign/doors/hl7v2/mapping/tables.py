"""Concept maps: what a code of an HL7 table is in FHIR."""

from __future__ import annotations

from collections.abc import Mapping

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

SYSTEMS: Mapping[str, str] = {
    "LN": "http://loinc.org",
    "LOINC": "http://loinc.org",
    "SCT": "http://snomed.info/sct",
    "SCT2": "http://snomed.info/sct",
    "SNM": "http://snomed.info/sct",
    "SNOMED": "http://snomed.info/sct",
    "SNOMED-CT": "http://snomed.info/sct",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9M": "http://hl7.org/fhir/sid/icd-9-cm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "UCUM": "http://unitsofmeasure.org",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
}
"""Table 0396 (coding systems)."""

GENDER: Mapping[str, str] = {
    "M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown",
    "1": "male", "2": "female", "0": "unknown", "9": "unknown",
}  # fmt: skip
"""Table 0001; the digits are those of GB/T 2261.1, which Chinese systems send."""

CLASS: Mapping[str, tuple[str, str]] = {
    "I": ("IMP", "inpatient encounter"),
    "O": ("AMB", "ambulatory"),
    "E": ("EMER", "emergency"),
    "P": ("PRENC", "pre-admission"),
    "R": ("AMB", "ambulatory"),
    "B": ("IMP", "inpatient encounter"),
}
"""Table 0004 (patient class)."""

STATUS: Mapping[str, str] = {
    "A03": "finished", "A05": "planned", "A14": "planned", "A11": "cancelled",
    "A27": "cancelled", "A38": "cancelled", "A21": "onleave",
}  # fmt: skip
"""What the event says of the encounter; in progress for all others."""

USE_NAME: Mapping[str, str] = {
    "L": "official", "D": "usual", "M": "maiden", "N": "nickname", "S": "anonymous",
    "T": "temp", "U": "temp",
}  # fmt: skip
"""Table 0200."""

USE_ADDRESS: Mapping[str, str] = {
    "H": "home", "B": "work", "O": "work", "BI": "billing", "C": "temp", "BA": "old",
}  # fmt: skip
"""Table 0190."""

TELECOM: Mapping[str, str] = {
    "PH": "phone", "CP": "phone", "FX": "fax", "BP": "pager", "INTERNET": "email",
    "X.400": "email", "MD": "phone", "TDD": "phone", "TTY": "phone", "SAT": "phone",
}  # fmt: skip
"""Table 0202."""

USE_TELECOM: Mapping[str, str] = {
    "PRN": "home", "ORN": "home", "VHN": "home", "WPN": "work", "PRS": "mobile", "EMR": "home",
}  # fmt: skip
"""Table 0201."""

MARITAL: Mapping[str, tuple[str, str]] = {
    "A": ("L", "Legally Separated"), "D": ("D", "Divorced"), "M": ("M", "Married"),
    "S": ("S", "Never Married"), "W": ("W", "Widowed"), "P": ("T", "Domestic partner"),
    "I": ("I", "Interlocutory"), "U": ("UNK", "unknown"), "N": ("A", "Annulled"),
}  # fmt: skip
"""Table 0002."""

OBSERVATION: Mapping[str, str] = {
    "A": "amended", "B": "amended", "C": "corrected", "D": "entered-in-error", "F": "final",
    "I": "registered", "O": "registered", "P": "preliminary", "R": "preliminary",
    "S": "preliminary", "U": "final", "V": "final", "W": "entered-in-error", "X": "cancelled",
}  # fmt: skip
"""Table 0085."""

REPORT: Mapping[str, str] = {
    "A": "partial", "C": "corrected", "F": "final", "I": "registered", "M": "partial",
    "N": "registered", "O": "registered", "P": "preliminary", "R": "preliminary",
    "S": "registered", "X": "cancelled",
}  # fmt: skip
"""Table 0123."""

ORDER_CONTROL: Mapping[str, str] = {
    "CA": "revoked", "OC": "revoked", "CR": "revoked", "DC": "revoked", "OD": "revoked",
    "DR": "revoked", "HD": "on-hold", "OH": "on-hold", "HR": "on-hold", "UC": "active",
}  # fmt: skip
"""Table 0119."""

ORDER_STATUS: Mapping[str, str] = {
    "CM": "completed", "CA": "revoked", "DC": "revoked", "RP": "revoked", "HD": "on-hold",
    "ER": "entered-in-error",
}  # fmt: skip
"""Table 0038."""

DRUG_CONTROL: Mapping[str, str] = {
    "CA": "cancelled", "OC": "cancelled", "CR": "cancelled", "DC": "stopped", "OD": "stopped",
    "DR": "stopped", "RP": "stopped", "RQ": "stopped", "HD": "on-hold", "OH": "on-hold",
    "HR": "on-hold", "RL": "active", "OE": "active", "OR": "active",
}  # fmt: skip
"""Table 0119 for drugs: what was replaced (RP, RQ) ends, what replaces it (RO, RU) begins."""

DRUG_STATUS: Mapping[str, str] = {
    "A": "active", "IP": "active", "SC": "active", "CM": "completed", "CA": "cancelled",
    "DC": "stopped", "RP": "stopped", "HD": "on-hold", "ER": "entered-in-error",
}  # fmt: skip
"""Table 0038 for drugs."""

REPEATS: Mapping[str, tuple[int, int, str]] = {
    "QD": (1, 1, "d"), "ONCE": (1, 1, "d"), "BID": (2, 1, "d"), "TID": (3, 1, "d"),
    "QID": (4, 1, "d"), "QAM": (1, 1, "d"), "QPM": (1, 1, "d"), "QHS": (1, 1, "d"),
    "QN": (1, 1, "d"), "QSHIFT": (3, 1, "d"), "QOD": (1, 2, "d"), "QW": (1, 1, "wk"),
    "BIW": (2, 1, "wk"), "TIW": (3, 1, "wk"),
}  # fmt: skip
"""Table 0335 (repeat pattern): so often, in so many, of which unit."""

BOOKED: Mapping[str, str] = {
    "PENDING": "pending", "WAITLIST": "waitlist", "BOOKED": "booked", "OVERBOOK": "booked",
    "STARTED": "arrived", "ARRIVED": "arrived", "COMPLETE": "fulfilled", "CANCELLED": "cancelled",
    "CANCELED": "cancelled", "DC": "cancelled", "DELETED": "entered-in-error", "NOSHOW": "noshow",
    "BLOCKED": "booked",
}  # fmt: skip
"""Table 0278 (filler status of an appointment), in capitals."""

APPOINTED: Mapping[str, str] = {
    "S15": "cancelled", "S16": "cancelled", "S17": "entered-in-error", "S26": "noshow",
}  # fmt: skip
"""What the event says of the appointment; the others leave it to its status."""

PARTICIPANT: Mapping[str, str] = {
    "booked": "accepted", "arrived": "accepted", "fulfilled": "accepted", "cancelled": "declined",
    "noshow": "declined", "entered-in-error": "declined", "waitlist": "tentative",
    "pending": "tentative",
}  # fmt: skip

PRIORITY: Mapping[str, str] = {"S": "stat", "A": "asap", "R": "routine", "T": "urgent"}
"""Tables 0485 and 0027."""

ALLERGY: Mapping[str, tuple[str, str]] = {
    "DA": ("allergy", "medication"), "FA": ("allergy", "food"), "EA": ("allergy", "environment"),
    "AA": ("allergy", "biologic"), "PA": ("allergy", "environment"),
    "LA": ("allergy", "environment"), "MC": ("allergy", "medication"),
}  # fmt: skip
"""Table 0127: type and category."""

CRITICALITY: Mapping[str, str] = {"SV": "high", "MI": "low", "U": "unable-to-assess"}
SEVERITY: Mapping[str, str] = {"SV": "severe", "MO": "moderate", "MI": "mild"}
"""Table 0128."""

DIAGNOSIS: Mapping[str, str] = {"W": "provisional", "A": "provisional", "F": "confirmed"}
"""Table 0052 as verification status."""

DOCUMENT: Mapping[str, str] = {
    "AU": "final", "LA": "final", "DO": "preliminary", "IP": "preliminary", "IN": "preliminary",
    "PA": "preliminary", "DI": "preliminary",
}  # fmt: skip
"""Table 0271 (completion status) as docStatus."""

ROLES: Mapping[int, tuple[str, str]] = {
    7: ("ATND", "attender"),
    8: ("REF", "referrer"),
    9: ("CON", "consultant"),
    17: ("ADM", "admitter"),
}
"""The fields of PV1 that name physicians."""


def system(name: str) -> str | None:
    """The code system that a message names; one that nobody knows keeps its name."""
    plain = name.strip()
    if not plain:
        return None
    if (known := SYSTEMS.get(plain.upper())) is not None:
        return known
    if plain.upper().startswith("HL7") and plain[3:].isdigit():
        return f"{TERMINOLOGY}/v2-{int(plain[3:]):04d}"
    if plain.startswith(("http://", "https://", "urn:")):
        return plain
    if plain.replace(".", "").isdigit() and "." in plain:
        return f"urn:oid:{plain}"
    sound = "".join(sign if sign.isalnum() else "-" for sign in plain)
    return f"urn:countersign:hl7v2:{sound}"
