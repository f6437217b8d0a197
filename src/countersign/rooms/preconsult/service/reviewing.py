"""What a patient reads over before it is sent: every answer, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from countersign.ground.interviews import Entry
from countersign.ground.shell import Floor
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import ASK, BACKGROUND
from countersign.rooms.preconsult.inference import READ, Speech, flags

from .interviewing import asks
from .summary import summary
from .words import UNDERSTOOD


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: the step it belongs to, what was asked, and what was answered."""

    item: str
    title: str
    text: str


def answered(
    floor: Floor, entries: Sequence[Entry], speech: Speech, attached: int
) -> list[Answered]:
    """In the order of the summary; ``attached`` is how many files there are.

    What a language model read is for the physician: the patient checks what was answered.
    """
    by_number = {one.number: one for one in entries}
    found = [
        Answered(one.item, _title(floor, one.item, speech), _text(by_number[one.number], speech))
        for one in summary(floor, entries)
        if one.item != UNDERSTOOD
    ]
    if attached:
        texts = speech.texts
        found.append(Answered("pictures", texts["pictures"], f"{texts['attached']}: {attached}"))
    return found


def danger(name: str, speech: Speech) -> str:
    """What a danger is called in the patient's language."""
    one = flags().one(name)
    said = one.ask if one else Words(name, name)
    if speech.code in READ:
        return said.into("zh" if speech.code == "zh" else "en")
    return speech.flags.get(name, said.en)


def _title(floor: Floor, item: str, speech: Speech) -> str:
    if not item.startswith(ASK):
        return speech.texts[item]
    term = item.removeprefix(ASK)
    return asks(None, term, speech.code, floor.reasoning.label(term))


def _text(entry: Entry, speech: Speech) -> str:
    value, texts, item = entry.value, speech.texts, entry.item
    if item.startswith(ASK):
        return _beside(texts[str(value["answer"])], str(value.get("text", "")))
    if item == "dangers":
        return "; ".join(danger(one, speech) for one in _ticked(value)) or texts["dangers_none"]
    if item == "who":
        return _beside(texts[f"who_{value['who']}"], str(value.get("name", "")))
    if item == "smoking":
        return texts[f"smoking_{value['answer']}"]
    said = str(value.get("text", ""))
    return texts["none"] if item in BACKGROUND and not said else said


def _ticked(value: Mapping[str, Any]) -> list[str]:
    return [str(one) for one in value.get("flags", [])]


def _beside(said: str, text: str) -> str:
    return f"{said}: {text}" if text else said
