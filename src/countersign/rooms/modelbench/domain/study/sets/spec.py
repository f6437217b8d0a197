"""What is said of a medical set: where it lies, whose it is, how it is asked and scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.items import Item, Scored

Measure = Literal["accuracy", "macro-f1", "rouge-l", "set-f1", "rjua"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MedicalSet:
    """``file`` lies in the folder of sets; ``prompt`` names a file of ``prompts/``.

    ``contamination`` says how probable it is that models have seen the answers. ``items`` reads
    the file's rows; ``score`` reads one answer. ``beside`` is a second file that is needed.
    """

    name: str
    title: Words
    file: str
    measure: Measure
    prompt: str
    licence: Words
    contamination: Words
    items: Callable[[Sequence[Row], Sequence[Row]], list[Item]]
    score: Callable[[Item, str], Scored]
    beside: str = ""


MEASURES: Mapping[Measure, Words] = {
    "accuracy": Words("accuracy", "准确率"),
    "macro-f1": Words("macro F1", "宏平均 F1"),
    "rouge-l": Words("ROUGE-L of characters", "ROUGE-L（按字）"),
    "set-f1": Words("F1 of the set of terms", "术语集合 F1"),
    "rjua": Words("(2 × F1 of diseases + F1 of advice) / 3", "（2×疾病 F1 + 建议 F1）/3"),
}
