"""Two patients who are one (ADT A40 and its forerunners): their charts become one.

An entry of the chart stays with its patient for ever. What other systems sent of the prior one is
therefore taken into the survivor's chart as well, under identifiers of its own, and the prior
chart names its successor. What was signed here stays where it was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from countersign.ground.chart import Chart, NotFound, Version
from countersign.ground.identity import Principal
from countersign.ground.messages import Messages
from countersign.kit.json import JSON

from . import overlay
from .errors import Unprocessable
from .judging import Judged, identifiers_of, local_authority, prior
from .mapping import Context, mapped
from .mapping.context import KEY
from .message import Message, Segment

INTERFACE = Principal.system("interface")


class Taking(Protocol):
    """What takes entries into charts, as the processing of messages does."""

    @property
    def messages(self) -> Messages: ...

    @property
    def chart(self) -> Chart: ...

    @property
    def departments(self) -> tuple[str, ...]: ...

    def whose(self, people: Sequence[str]) -> tuple[str, bool]: ...

    def context(self, judged: Judged, patient: str) -> Context: ...

    def read(self, kind: str, identifier: str) -> JSON | None: ...

    def receive(self, entries: Sequence[JSON], departments: Sequence[str] = ()) -> None: ...


def merge(taking: Taking, judged: Judged, notes: list[str]) -> str:
    """Merges each pair of PID and MRG; returns the last survivor. Raises Unprocessable."""
    message = judged.message
    assert message is not None  # noqa: S101 - judged before
    survivor, local = "", local_authority(message)
    for pid, mrg in pairs(message):
        ours, theirs = identifiers_of(pid, local), prior(mrg, local)
        if not ours or not theirs:
            raise Unprocessable(reason="hl7v2.no-prior-id")
        survivor = _pair(taking, judged, pid, ours, theirs, notes)
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
    taking: Taking,
    judged: Judged,
    pid: Segment,
    ours: Sequence[str],
    theirs: Sequence[str],
    notes: list[str],
) -> str:
    survivor, new = taking.whose(_still(taking, ours, theirs))
    gone, unknown = taking.whose(theirs)
    assert judged.message is not None  # noqa: S101 - judged before
    alone = Message((judged.message.header, pid))
    said = mapped(alone, taking.context(judged, survivor))
    notes.extend(said.notes)
    known = None if new else taking.read("Patient", survivor)
    person = overlay.patient(known, said.patient, survivor)
    person["identifier"] = overlay.identifiers([old(one) for one in theirs], person["identifier"])
    entries, departments = [person], taking.departments if known is None else ()
    if not unknown and gone != survivor:
        moved, stays, departments = _moved(taking, gone, survivor)
        person["link"] = linked(person, gone, "replaces")
        entries += [*moved, _replaced(taking, gone, survivor, stays)]
        if stays:
            notes.append("MRG-1.signed-stays")
    taking.receive(entries, departments)
    names = taking.messages.naming
    taking.messages.inbox.link(names.keys([*ours, *theirs]), survivor)
    return survivor


def _still(taking: Taking, ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The survivor's own identifiers: some senders repeat those of the prior one among them."""
    own = [one for one in ours if one not in theirs]
    return own or list(ours)


def old(person: str) -> JSON:
    """An identifier that is not the patient's any more."""
    system, _, value = person.rpartition("|")
    return {"use": "old", "system": system, "value": value}


def _moved(taking: Taking, gone: str, survivor: str) -> tuple[list[JSON], bool, tuple[str, ...]]:
    """The entries of the prior chart as they are in the survivor's; whether some stay behind;
    the departments that saw the prior one.
    """
    try:
        chart = taking.chart.reader(INTERFACE).open(gone)
    except NotFound:
        return [], False, ()
    others = [one for one in chart.versions if one.type != "Patient"]
    taken = free([one for one in others if one.origin == "received"], others)
    names = {one.reference: _renamed(taking, one, survivor) for one in taken}
    names[f"Patient/{gone}"] = f"Patient/{survivor}"
    copies = [_copy(one, names) for one in taken]
    departments = tuple(taking.chart.named(gone).departments)
    return copies, len(taken) < len(others), departments


def free(received: list[Version], everything: list[Version]) -> list[Version]:
    """Those that point to nothing of the prior chart that stays behind."""
    left = received
    while True:
        kept = {one.reference for one in left}
        behind = {one.reference for one in everything} - kept
        fewer = [one for one in left if not behind.intersection(references(one.resource))]
        if len(fewer) == len(left):
            return left
        left = fewer


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in cast("JSON", value).items():
            if name == "reference" and isinstance(item, str):
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from references(item)


def _renamed(taking: Taking, one: Version, survivor: str) -> str:
    """By the same key as a later message about it, so that it is found again."""
    given = cast("list[JSON]", one.resource.get("identifier", []))
    keys = [str(each.get("value")) for each in given if each.get("system") == KEY]
    name = keys[0] if keys else f"merged|{one.reference}"
    return f"{one.type}/{taking.messages.naming.identifier(one.type, f'{survivor}|{name}')}"


def _copy(one: Version, names: Mapping[str, str]) -> JSON:
    copied: JSON = rewritten(one.resource, names)
    copied["id"] = names[one.reference].partition("/")[2]
    return copied


def rewritten(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        node = cast("JSON", value)
        return {
            name: names.get(item, item)
            if name == "reference" and isinstance(item, str)
            else rewritten(item, names)
            for name, item in node.items()
        }
    if isinstance(value, list):
        return [rewritten(item, names) for item in cast("list[Any]", value)]
    return value


def linked(patient: JSON, other: str, kind: str) -> list[JSON]:
    reference = {"reference": f"Patient/{other}"}
    given = cast("list[JSON]", patient.get("link", []))
    rest = [one for one in given if one.get("other") != reference]
    return [*rest, {"other": reference, "type": kind}]


def _replaced(taking: Taking, gone: str, survivor: str, stays: bool) -> JSON:
    """The prior patient: not in lists any more, unless something signed is to be found there."""
    before = taking.read("Patient", gone) or {"resourceType": "Patient", "id": gone}
    link = linked(before, survivor, "replaced-by")
    return {**before, "active": stays, "link": link}
