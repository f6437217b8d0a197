"""Two patients who are one (ADT A40 and its forerunners): their charts become one.

An entry of the chart stays with its patient for ever. What other systems sent of the prior one is
therefore taken into the survivor's chart as well, under identifiers of its own, and the prior
chart names its successor. What was signed here stays where it was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from countersign.ground.chart import NotFound, Version
from countersign.ground.identity import Principal
from countersign.kit.json import JSON

from . import overlay
from .errors import Unprocessable
from .judging import Judged, identifiers_of, local_authority, prior
from .mapping import mapped
from .mapping.context import KEY
from .message import Message, Segment

if TYPE_CHECKING:
    from .processing import Processor

INTERFACE = Principal.system("interface")


def merge(processor: Processor, judged: Judged, notes: list[str]) -> str:
    """Merges each pair of PID and MRG; returns the last survivor. Raises Unprocessable."""
    message = judged.message
    assert message is not None  # noqa: S101 - judged before
    survivor, local = "", local_authority(message)
    for pid, mrg in pairs(message):
        ours, theirs = identifiers_of(pid, local), prior(mrg, local)
        if not ours or not theirs:
            raise Unprocessable(reason="hl7v2.no-prior-id")
        survivor = _pair(processor, judged, pid, ours, theirs, notes)
    return survivor


def pairs(message: Message) -> Iterator[tuple[Segment, Segment]]:
    """Each survivor with each of the patients whom it replaces."""
    pid: Segment | None = None
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG" and pid is not None:
            yield pid, segment


def _pair(
    processor: Processor,
    judged: Judged,
    pid: Segment,
    ours: Sequence[str],
    theirs: Sequence[str],
    notes: list[str],
) -> str:
    survivor, new = processor.whose(_still(processor, ours, theirs))
    gone, unknown = processor.whose(theirs)
    assert judged.message is not None  # noqa: S101 - judged before
    alone = Message((judged.message.header, pid))
    said = mapped(alone, processor.context(judged, survivor))
    notes.extend(said.notes)
    known = None if new else processor.read("Patient", survivor)
    person = overlay.patient(known, said.patient, survivor)
    person["identifier"] = overlay.identifiers([_old(one) for one in theirs], person["identifier"])
    entries, departments = [person], processor.departments if known is None else ()
    if not unknown and gone != survivor:
        moved, stays, departments = _moved(processor, gone, survivor)
        person["link"] = _linked(person, gone, "replaces")
        entries += [*moved, _replaced(processor, gone, survivor, stays)]
        if stays:
            notes.append("MRG-1.signed-stays")
    processor.receive(entries, departments)
    names = processor.messages.naming
    processor.messages.inbox.link(names.keys([*ours, *theirs]), survivor)
    return survivor


def _still(processor: Processor, ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The survivor's own identifiers: some senders repeat those of the prior one among them."""
    own = [one for one in ours if one not in theirs]
    return own or list(ours)


def _old(person: str) -> JSON:
    system, _, value = person.rpartition("|")
    return {"use": "old", "system": system, "value": value}


def _moved(
    processor: Processor, gone: str, survivor: str
) -> tuple[list[JSON], bool, tuple[str, ...]]:
    """The entries of the prior chart as they are in the survivor's; whether some stay behind;
    the departments that saw the prior one.
    """
    try:
        chart = processor.chart.reader(INTERFACE).open(gone)
    except NotFound:
        return [], False, ()
    others = [one for one in chart.versions if one.type != "Patient"]
    taken = _free([one for one in others if one.origin == "received"], others)
    names = {one.reference: _renamed(processor, one, survivor) for one in taken}
    names[f"Patient/{gone}"] = f"Patient/{survivor}"
    copies = [_copy(one, names) for one in taken]
    departments = tuple(processor.chart.named(gone).departments)
    return copies, len(taken) < len(others), departments


def _free(received: list[Version], everything: list[Version]) -> list[Version]:
    """Those that point to nothing of the prior chart that stays behind."""
    left = received
    while True:
        kept = {one.reference for one in left}
        behind = {one.reference for one in everything} - kept
        fewer = [one for one in left if not behind.intersection(_references(one.resource))]
        if len(fewer) == len(left):
            return left
        left = fewer


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in cast("JSON", value).items():
            if name == "reference" and isinstance(item, str):
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _references(item)


def _renamed(processor: Processor, one: Version, survivor: str) -> str:
    """By the same key as a later message about it, so that it is found again."""
    given = cast("list[JSON]", one.resource.get("identifier", []))
    keys = [str(each.get("value")) for each in given if each.get("system") == KEY]
    name = keys[0] if keys else f"merged|{one.reference}"
    return f"{one.type}/{processor.messages.naming.identifier(one.type, f'{survivor}|{name}')}"


def _copy(one: Version, names: Mapping[str, str]) -> JSON:
    copied: JSON = _rewritten(one.resource, names)
    copied["id"] = names[one.reference].partition("/")[2]
    return copied


def _rewritten(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        node = cast("JSON", value)
        return {
            name: names.get(item, item)
            if name == "reference" and isinstance(item, str)
            else _rewritten(item, names)
            for name, item in node.items()
        }
    if isinstance(value, list):
        return [_rewritten(item, names) for item in cast("list[Any]", value)]
    return value


def _linked(patient: JSON, other: str, kind: str) -> list[JSON]:
    reference = {"reference": f"Patient/{other}"}
    given = cast("list[JSON]", patient.get("link", []))
    rest = [one for one in given if one.get("other") != reference]
    return [*rest, {"other": reference, "type": kind}]


def _replaced(processor: Processor, gone: str, survivor: str, stays: bool) -> JSON:
    """The prior patient: not in lists any more, unless something signed is to be found there."""
    before = processor.read("Patient", gone) or {"resourceType": "Patient", "id": gone}
    link = _linked(before, survivor, "replaced-by")
    return {**before, "active": stays, "link": link}
