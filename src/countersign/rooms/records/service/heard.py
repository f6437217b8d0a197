"""Facts of a conversation, by the room's own word lists and by the house's findings."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.ground.reasoning import Holder, Reasoning
from countersign.ground.reasoning import Status as Found
from countersign.kit.elements import has_chinese
from countersign.rooms.records.domain.fact import DIALOGUE, Fact, Kind, Link, Status
from countersign.rooms.records.domain.hearing import Reader, hear
from countersign.rooms.records.domain.listening import Named, listen

_STATUS = {
    Found.PRESENT: Status.PRESENT,
    Found.ABSENT: Status.ABSENT,
    Found.UNCERTAIN: Status.UNSURE,
}


def heard(dialogue: str, reader: Reader, reasoning: Reasoning) -> Sequence[Fact]:
    """Chinese by the room's reader, everything else by findings with their English labels."""
    if not dialogue.strip():
        return ()
    if has_chinese(dialogue):
        return hear(dialogue, reader).facts
    named: list[Named] = []
    for one in reasoning.read(dialogue):
        if one.place is not None and one.place.end > one.place.start:
            label = reasoning.label(one.term)
            kind = Kind.FAMILY if one.holder is Holder.FAMILY else Kind.SYMPTOM
            kind = Kind.HISTORY if one.past else kind
            link = Link(DIALOGUE, one.place.start, one.place.end)
            named.append(Named(label.zh, label.en, kind, _STATUS[one.status], link))
    return listen(dialogue, named)
