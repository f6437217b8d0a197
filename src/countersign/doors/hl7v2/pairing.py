"""Messages that name two patients: beds exchanged (A17), patients linked and unlinked (A24, A37).

A link says that two charts may be one person's and moves nothing. What was merged (A40) is one
chart and cannot be parted by a message: which of its entries are whose is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol, cast

from countersign.kit.json import JSON

from .errors import Unprocessable
from .events import Meaning
from .judging import Judged, identifiers_of, local_authority
from .message import Message, Segment

KIND = "seealso"


class Pairing(Protocol):
    """What takes entries into charts, as the processing of messages does."""

    def take(self, judged: Judged, notes: list[str]) -> str: ...

    def whose(self, people: Sequence[str]) -> tuple[str, bool]: ...

    def read(self, kind: str, identifier: str) -> JSON | None: ...

    def receive(self, entries: Sequence[JSON], departments: Sequence[str] = ()) -> None: ...


def pair(taking: Pairing, judged: Judged, notes: list[str]) -> str:
    """Takes in what is said of each of both, and how they stand to one another; returns the
    first. Raises Unprocessable, also where both identifiers lead to one chart.
    """
    message = judged.message
    assert message is not None  # noqa: S101 - judged before
    halves, local = list(_halves(message)), local_authority(message)
    charts = [taking.whose(identifiers_of(one.segment("PID"), local))[0] for one in halves]
    if charts[0] == charts[1]:
        reason = "hl7v2.merged" if judged.meaning is Meaning.UNLINK else "hl7v2.one-chart"
        raise Unprocessable(reason=reason)
    for half in halves:
        taking.take(replace(judged, message=half), notes)
    if judged.meaning is not Meaning.SWAP:
        entries = [
            _changed(taking, one, other, judged.meaning is Meaning.LINK)
            for one, other in (charts, charts[::-1])
        ]
        if judged.meaning is Meaning.UNLINK and None in entries:
            notes.append("PID.not-linked")
        taking.receive([one for one in entries if one is not None])
    return charts[0]


def _halves(message: Message) -> Iterator[Message]:
    """The header and what is said of all, with each of both patients."""
    before: list[Segment] = []
    halves: list[list[Segment]] = []
    for segment in message.segments:
        if segment.name == "PID":
            halves.append([segment])
        elif halves:
            halves[-1].append(segment)
        else:
            before.append(segment)
    for half in halves:
        yield Message((*before, *half))


def _changed(taking: Pairing, patient: str, other: str, linked: bool) -> JSON | None:
    """The patient with or without the link to the other; None where nothing changes."""
    known = taking.read("Patient", patient)
    if known is None:
        return None
    reference = {"reference": f"Patient/{other}"}
    given = cast("list[JSON]", known.get("link", []))
    rest = [one for one in given if one.get("other") != reference or one.get("type") != KIND]
    links = [*rest, {"other": reference, "type": KIND}] if linked else rest
    if links == given:
        return None
    found = {**known, "link": links}
    return {name: value for name, value in found.items() if value != []}
