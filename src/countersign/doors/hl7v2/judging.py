"""Says of a message, before it is stored, what its sender is to hear and whom it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from . import charsets
from .charsets import NotInCharset, UnknownCharset
from .events import KINDS, MEANINGS, PAIRED, UNWANTED, UNWANTED_KINDS, VERSIONS, Meaning
from .message import Message, NotAMessage, Segment, Value, parse

Verdict = Literal["AA", "AE", "AR"]

LOCAL = "urn:countersign:hl7v2"
"""Of an identifier whose sender names no authority."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: HL7 table 0357's ``number``, where, and a stable code for the page."""

    number: int
    place: str
    code: str


@dataclass(frozen=True, slots=True)
class Judged:
    """``message`` is None where nothing can be read. ``people`` are the identifiers by which
    the messages of one patient are held in their order, ``authority|value`` each; the first is
    the one that the sender would find the patient by.
    """

    verdict: Verdict
    message: Message | None
    faults: tuple[Fault, ...] = ()
    people: tuple[str, ...] = field(default=(), repr=False)
    meaning: Meaning | None = None


NOT_HL7 = Fault(100, "MSH", "hl7v2.not-hl7")
CHARSET = Fault(103, "MSH^1^18", "hl7v2.charset-unknown")
NOT_IN_CHARSET = Fault(102, "MSH^1^18", "hl7v2.not-in-charset")
NO_CONTROL = Fault(101, "MSH^1^10", "hl7v2.no-control-id")
VERSION = Fault(203, "MSH^1^12", "hl7v2.version-unknown")
KIND = Fault(200, "MSH^1^9", "hl7v2.kind-unsupported")
EVENT = Fault(201, "MSH^1^9", "hl7v2.event-unsupported")
TEST = Fault(202, "MSH^1^11", "hl7v2.not-production")
NO_PATIENT = Fault(100, "PID", "hl7v2.no-pid")
NO_IDENTIFIER = Fault(101, "PID^1^3", "hl7v2.no-patient-id")
NO_PRIOR = Fault(101, "MRG^1^1", "hl7v2.no-prior-id")
ONE_PATIENT = Fault(100, "PID", "hl7v2.one-patient")
NO_VISIT = Fault(101, "MRG^1^5", "hl7v2.no-prior-visit")
NO_NUMBER = Fault(101, "SCH^1^2", "hl7v2.no-appointment-id")
TWO_PATIENTS = Fault(100, "PID", "hl7v2.two-patients")


def judge(raw: bytes, tests: bool) -> Judged:
    """``tests`` says whether messages for training and debugging (MSH-11) are welcome."""
    try:
        message = parse(charsets.text(raw))
    except UnknownCharset:
        return _unread(raw, CHARSET)
    except NotInCharset:
        return _unread(raw, NOT_IN_CHARSET)
    except NotAMessage:
        return Judged("AR", None, (NOT_HL7,))
    meaning = MEANINGS.get((message.kind, message.event))
    people = tuple(identifiers(message))
    refused = _refused(message, meaning, tests)
    if refused is not None:
        return Judged("AR", message, (refused,), people, meaning)
    faults = tuple(_faults(message, meaning))
    return Judged("AE" if faults else "AA", message, faults, people, meaning)


def _unread(raw: bytes, fault: Fault) -> Judged:
    """The header alone, so that the sender is answered by its own control identifier."""
    try:
        message = parse(raw.split(b"\r", 1)[0].decode("ascii", "replace"))
    except NotAMessage:
        message = None
    return Judged("AR", message, (fault,))


def _refused(message: Message, meaning: Meaning | None, tests: bool) -> Fault | None:
    """Why the message is none for this house at all (HL7 v2 2.9.2.2: AR)."""
    if message.version not in VERSIONS:
        return VERSION
    if message.kind not in KINDS:
        return replace(KIND, code=UNWANTED_KINDS.get(message.kind, KIND.code))
    if meaning is None:
        return replace(EVENT, code=UNWANTED.get((message.kind, message.event), EVENT.code))
    if message.header.get(11) != "P" and not tests:
        return TEST
    return None


def _faults(message: Message, meaning: Meaning | None) -> list[Fault]:
    """What is missing in a message that would be welcome (AE)."""
    found: list[Fault] = []
    if not message.control_id:
        found.append(NO_CONTROL)
    patients, local = list(message.all("PID")), local_authority(message)
    if not patients:
        found.append(NO_PATIENT)
    elif not identifiers_of(patients[0], local):
        found.append(NO_IDENTIFIER)
    elif meaning in PAIRED:
        found += [] if _pair(patients, local) else [ONE_PATIENT]
    elif meaning is not Meaning.MERGE and not _one_patient(patients, local):
        found.append(TWO_PATIENTS)
    if meaning is Meaning.MOVE and not any(one.get(5) for one in message.all("MRG")):
        found.append(NO_VISIT)
    if meaning is Meaning.APPOINTMENT and not _numbered(message.segment("SCH")):
        found.append(NO_NUMBER)
    if meaning in (Meaning.MERGE, Meaning.NUMBER) and not any(
        prior(one, local) for one in message.all("MRG")
    ):
        found.append(NO_PRIOR)
    return found


def _pair(patients: list[Segment], local: str) -> bool:
    """Exactly two, with no identifier in common."""
    named = [set(identifiers_of(one, local)) for one in patients]
    return len(named) == 2 and all(named) and not named[0] & named[1]


def _numbered(sch: Segment) -> bool:
    """An appointment without the number of either system cannot be found again."""
    return bool(sch.get(1) or sch.get(2))


def _one_patient(patients: list[Segment], local: str) -> bool:
    """Several results of one patient may come together, of two patients never."""
    known = set(identifiers_of(patients[0], local))
    return all(known.intersection(identifiers_of(one, local)) for one in patients[1:])


def identifiers(message: Message) -> list[str]:
    """Those of all patients that the message names, each once, the survivor's first."""
    local = local_authority(message)
    found = [key for one in message.all("PID") for key in identifiers_of(one, local)]
    found += [key for one in message.all("MRG") for key in prior(one, local)]
    return list(dict.fromkeys(found))


def identifiers_of(pid: Segment, local: str) -> list[str]:
    """PID-3 with its authority; before version 2.3.1 also PID-2 and PID-4."""
    for number in (3, 2, 4):
        found = [key for one in pid.all(number) if (key := keyed(one, local))]
        if found:
            return found
    return []


def prior(mrg: Segment, local: str) -> list[str]:
    """The identifiers that a merge ends: MRG-1, or MRG-4 where an old sender uses it."""
    for number in (1, 4):
        found = [key for one in mrg.all(number) if (key := keyed(one, local))]
        if found:
            return found
    return []


def keyed(cx: Value, local: str) -> str:
    """``authority|value`` of a CX; the authority by its OID where it has one."""
    value = cx.part(1)
    return f"{authority(cx.component(4), local)}|{value}" if value else ""


def local_authority(message: Message) -> str:
    """Of a number without an authority: the facility that sends it (MSH-4), so that the numbers
    of two hospitals are never taken for one.
    """
    facility = _sound(message.header.get(4))
    return f"{LOCAL}:{facility}" if facility else LOCAL


def authority(hd: Value, local: str = LOCAL) -> str:
    """An HD as the system of a FHIR identifier."""
    name, universal, kind = hd.part(1), hd.part(2), hd.part(3).upper()
    if universal and kind in ("ISO", "OID"):
        return f"urn:oid:{universal}"
    if universal and kind in ("UUID", "GUID"):
        return f"urn:uuid:{universal.lower()}"
    if universal and kind in ("URI", "URL"):
        return universal
    return f"{LOCAL}:{_sound(name or universal)}" if name or universal else local


def _sound(text: str) -> str:
    """A URI has no blanks."""
    return "".join("-" if sign.isspace() else sign for sign in text)
