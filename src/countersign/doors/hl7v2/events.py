"""Which messages are taken in, and what each means for the chart: one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Meaning(StrEnum):
    """What a message does to the chart."""

    VISIT = "visit"  # patient and encounter as they are now
    PERSON = "person"  # the patient alone
    MERGE = "merge"  # one patient was two
    ORDER = "order"
    RESULT = "result"
    DOCUMENT = "document"
    APPOINTMENT = "appointment"
    SWAP = "swap"  # two patients exchange their beds
    LINK = "link"  # two patients who may be one, each with a chart of its own
    UNLINK = "unlink"
    NUMBER = "number"  # one patient's number is another one now
    MOVE = "move"  # a visit stood in the wrong patient's chart


_VISIT = "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A21 A22 A25 A26 A27 A38"
_TABLE: Mapping[str, Mapping[Meaning, str]] = {
    "ADT": {
        Meaning.VISIT: _VISIT,
        Meaning.PERSON: "A28 A31 A60",
        Meaning.MERGE: "A18 A30 A34 A36 A39 A40",
        Meaning.SWAP: "A17",
        Meaning.LINK: "A24",
        Meaning.UNLINK: "A37",
        Meaning.MOVE: "A45",
        Meaning.NUMBER: "A47",
    },
    "ORM": {Meaning.ORDER: "O01"},
    "OML": {Meaning.ORDER: "O21 O33 O35"},
    "OMG": {Meaning.ORDER: "O19"},
    "OMP": {Meaning.ORDER: "O09"},
    "RDE": {Meaning.ORDER: "O01 O11 O25"},
    "SIU": {Meaning.APPOINTMENT: "S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S26"},
    "ORU": {Meaning.RESULT: "R01 R30 R31 R32"},
    "OUL": {Meaning.RESULT: "R21 R22 R23 R24"},
    "MDM": {Meaning.DOCUMENT: "T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11"},
}

MEANINGS: Mapping[tuple[str, str], Meaning] = {
    (kind, event): meaning
    for kind, rows in _TABLE.items()
    for meaning, events in rows.items()
    for event in events.split()
}
KINDS = frozenset(_TABLE)
PAIRED = frozenset({Meaning.SWAP, Meaning.LINK, Meaning.UNLINK})
"""Those that name two patients, each with a PID of its own."""

_ELSEWHERE: Mapping[str, str] = {
    "hl7v2.moved-identifiers": "A43 A46 A48",
    "hl7v2.accounts": "A35 A41 A44 A49",
    "hl7v2.visit-numbers": "A50 A51",
    "hl7v2.visits-merged": "A42",
}
UNWANTED: Mapping[tuple[str, str], str] = {
    ("ADT", event): code for code, events in _ELSEWHERE.items() for event in events.split()
} | {("SIU", "S23"): "hl7v2.no-appointment", ("SIU", "S24"): "hl7v2.no-appointment"}
"""Events that hospitals send and that are refused with a reason of their own."""

UNWANTED_KINDS: Mapping[str, str] = {
    "DFT": "hl7v2.billing", "BAR": "hl7v2.billing", "RDS": "hl7v2.dispensed",
    "RAS": "hl7v2.dispensed", "RGV": "hl7v2.dispensed", "VXU": "hl7v2.vaccinations",
}  # fmt: skip
CANCELLED = frozenset({"A11", "A27", "A38"})
"""Visits that did not take place after all."""

VERSIONS = ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8",
            "2.8.1", "2.8.2", "2.9", "2.9.1")  # fmt: skip
