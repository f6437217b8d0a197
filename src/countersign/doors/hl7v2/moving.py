"""A visit that stood in the wrong patient's chart (ADT A45) moves to the right one.

An entry of the chart stays with its patient for ever. What other systems sent of the visit is taken
into the right chart under identifiers of its own, and what stays behind is marked as entered in
error, so that no rule reads it there any more. What was signed here stays where it was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from countersign.ground.chart import NotFound, Version
from countersign.kit.json import JSON

from . import overlay
from .errors import Unprocessable
from .judging import Judged, identifiers_of, local_authority, prior
from .mapping import mapped
from .mapping.context import KEY
from .mapping.datatypes import identifier
from .mapping.visit import visit_key
from .merging import INTERFACE, Taking, free, references, rewritten
from .message import Message, Segment

VERIFIED = frozenset({"Condition", "AllergyIntolerance"})
STATED = frozenset(
    {
        "Appointment",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "MedicationRequest",
        "Observation",
        "ServiceRequest",
    }
)
"""Types whose status can say that they were entered in error."""


def move(taking: Taking, judged: Judged, notes: list[str]) -> str:
    """Moves each visit that a pair of MRG and PV1 names to the patient of PID; returns theirs.

    Raises Unprocessable.
    """
    message = judged.message
    assert message is not None  # noqa: S101 - judged before
    pid, local = message.segment("PID"), local_authority(message)
    ours = identifiers_of(pid, local)
    target, new = taking.whose(ours)
    context = taking.context(judged, target)
    said = mapped(Message((message.header, pid)), context)
    known = None if new else taking.read("Patient", target)
    if known is not None and overlay.contradicts(known, said.patient):
        raise Unprocessable(reason="hl7v2.other-person")
    entries = [overlay.patient(known, said.patient, target)]
    for mrg, pv1 in _visits(message):
        one = mapped(Message((message.header, message.segment("EVN"), pid, pv1)), context)
        entries += _moved(taking, mrg, pv1, target, prior(mrg, local), notes)
        if one.encounter is not None:
            _lay(taking, entries, one.encounter)
        notes.extend(each for each in one.notes if each not in notes)
    taking.receive(entries, taking.departments if known is None else ())
    taking.messages.inbox.link(taking.messages.naming.keys(ours), target)
    return target


def _visits(message: Message) -> Iterator[tuple[Segment, Segment]]:
    """Each MRG with the PV1 that follows it, or an empty one."""
    now: Segment | None = None
    for segment in message.segments:
        if segment.name == "MRG":
            if now is not None:
                yield now, Segment(("PV1",), now.by)
            now = segment
        elif segment.name == "PV1" and now is not None:
            yield now, segment
            now = None
    if now is not None:
        yield now, Segment(("PV1",), now.by)


def _moved(
    taking: Taking, mrg: Segment, pv1: Segment, target: str, theirs: Sequence[str], notes: list[str]
) -> list[JSON]:
    """The entries of the visit, in the right chart and, as errors, in the one they leave."""
    number = identifier(mrg.first(5))
    if number is None:
        return []
    key = f"PV1|{number['system']}|{number['value']}"
    source = taking.whose(theirs)[0] if theirs else _holder(taking, number, target)
    if source is None or source == target:
        notes.append("MRG-5.not-moved")
        return []
    try:
        chart = taking.chart.reader(INTERFACE).open(source)
    except NotFound:
        notes.append("MRG-5.not-moved")
        return []
    there = [one for one in chart.versions if not _wrong(one)]
    visit = [one for one in there if one.type == "Encounter" and _key(one) == key]
    if not visit:
        notes.append("MRG-5.not-moved")
        return []
    group = [*visit, *(one for one in there if _of(one, visit[0].reference))]
    taken = free([one for one in group if one.origin == "received"], group)
    if len(taken) < len(group):
        notes.append("MRG-5.signed-stays")
    new_key = visit_key(Message((Segment(("MSH",), mrg.by), pv1))) or key
    names = {f"Patient/{source}": f"Patient/{target}"}
    for one in taken:
        own = _key(one).replace(key, new_key, 1) or f"moved|{one.reference}"
        name = taking.messages.naming.identifier(one.type, f"{target}|{own}")
        names[one.reference] = f"{one.type}/{name}"
    copies = [_copy(one, names, key, new_key) for one in taken]
    return [*copies, *(mistaken(one.resource) for one in taken if one.type in STATED | VERIFIED)]


def _holder(taking: Taking, number: JSON, target: str) -> str | None:
    """Whose chart holds the visit, where the sender names the visit alone."""
    said = [("identifier", f"{number['system']}|{number['value']}")]
    page = taking.chart.reader(INTERFACE).search("Encounter", said)
    held = {
        str(cast("JSON", one.resource.get("subject", {})).get("reference", ""))
        for one in page.versions
        if one.resource.get("status") != "entered-in-error"
    } - {f"Patient/{target}"}
    if len(held) > 1:
        raise Unprocessable(reason="hl7v2.two-charts")
    return next(iter(held)).partition("/")[2] if held else None


def _key(one: Version) -> str:
    given = cast("list[JSON]", one.resource.get("identifier", []))
    return next((str(each.get("value")) for each in given if each.get("system") == KEY), "")


def _of(one: Version, visit: str) -> bool:
    return one.type != "Patient" and one.reference != visit and visit in references(one.resource)


def _wrong(one: Version) -> bool:
    """Whether it was moved or withdrawn already: a message taken in twice moves nothing twice."""
    verified = cast("JSON", one.resource.get("verificationStatus", {})).get("coding", [{}])
    codes = {each.get("code") for each in cast("list[JSON]", verified)}
    return "entered-in-error" in {one.resource.get("status"), *codes}


def _copy(one: Version, names: Mapping[str, str], key: str, new_key: str) -> JSON:
    copied: JSON = rewritten(one.resource, names)
    copied.pop("meta", None)
    copied["id"] = names[one.reference].partition("/")[2]
    copied["identifier"] = [
        {**each, "value": str(each.get("value")).replace(key, new_key, 1)}
        if each.get("system") == KEY
        else each
        for each in cast("list[JSON]", copied.get("identifier", []))
    ]
    return copied


def mistaken(resource: JSON) -> JSON:
    """The same entry, marked as entered in error in the way of its type."""
    if resource["resourceType"] in VERIFIED:
        system = f"http://terminology.hl7.org/CodeSystem/{_VERIFICATION[resource['resourceType']]}"
        coding = {"system": system, "code": "entered-in-error"}
        rest = {name: value for name, value in resource.items() if name != "clinicalStatus"}
        return {**rest, "verificationStatus": {"coding": [coding]}}
    return {**resource, "status": "entered-in-error"}


_VERIFICATION: Mapping[Any, str] = {
    "Condition": "condition-ver-status",
    "AllergyIntolerance": "allergyintolerance-verification",
}


def _lay(taking: Taking, entries: list[JSON], said: JSON) -> None:
    """The visit as PV1 tells it, over what was moved, or over what the right chart holds."""
    for place, one in enumerate(entries):
        if one["resourceType"] == "Encounter" and one["id"] == said["id"]:
            entries[place] = overlay.encounter(one, said, "A08")
            return
    entries.append(overlay.encounter(taking.read("Encounter", str(said["id"])), said, "A08"))
