"""Trains the small models of a reader from a hospital's own dialogues and the records of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .circumstances import circumstances
from .hearing import STATUSES, Reader
from .judging import Linear, train
from .said import Lexicon

SECTIONS = {
    "chief": "主诉",
    "told": "现病史",
    "diagnosis": "诊断",
    "taken": "现病史",
    "advised": "建议",
    "examined": "辅助检查",
}
"""Which section of a record teaches which judge."""

_OF_ITEMS = {"taken": "medicine", "examined": "exam", "advised": ""}
Example = tuple[frozenset[int], str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A dialogue with what people wrote of it.

    ``symptoms`` are names with 1 there, 0 not there, 2 unsure; ``records`` are records of this
    dialogue by different people, each a text by section.
    """

    dialogue: str
    symptoms: Mapping[str, str] = field(default_factory=dict[str, str])
    records: Sequence[Mapping[str, str]] = ()


def trained(lessons: Iterable[Lesson], reader: Reader) -> dict[str, Linear]:
    """One model for each question that the lessons answer; the same lessons give the same."""
    examples: dict[str, list[Example]] = defaultdict(list)
    for lesson in lessons:
        features = circumstances(lesson.dialogue, reader.symptoms)
        items = circumstances(lesson.dialogue, reader.items)
        if lesson.symptoms:
            for name, seen in features.items():
                label = lesson.symptoms.get(name)
                examples["present"].append((seen, "1" if label in STATUSES else "0"))
                if label in STATUSES:
                    examples["status"].append((seen, label))
        for judge, section in SECTIONS.items():
            written = [record[section] for record in lesson.records if record.get(section)]
            if not written:
                continue
            of_items = judge in _OF_ITEMS
            lexicon = reader.items if of_items else reader.symptoms
            named = _named(written, lexicon)
            wanted = _OF_ITEMS.get(judge, "")
            for name, seen in (items if of_items else features).items():
                if not of_items or not wanted or reader.kinds[name] == wanted:
                    examples[judge].append((seen, "1" if name in named else "0"))
    return {
        judge: train(found, ("1", "0", "2"), even=True)
        if judge == "status"
        else train(found, ("0", "1"))
        for judge, found in examples.items()
    }


def _named(texts: Sequence[str], lexicon: Lexicon) -> set[str]:
    return {one.name for text in texts for one in lexicon.mentions(text)}
