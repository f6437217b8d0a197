"""Puts sentences that a language model worded above the quotations that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from countersign.kit.words import Words

from .drafting import Recommendation
from .phrases import PATH


@dataclass(frozen=True, slots=True)
class Sentence:
    """``marks`` are numbers of quotations (``3``) and facts (``F1``), each checked before."""

    text: str
    marks: tuple[str, ...]


def quotations(made: Recommendation) -> dict[str, str]:
    """The quoted sentences by the number under which a model is told them."""
    return {str(one.number): one.point.words for one in made.chosen}


def facts(made: Recommendation) -> dict[str, str]:
    """The patient's facts by the name under which a model is told them."""
    return {
        f"F{number}": f"{one.label.zh} / {one.label.en}"
        for number, one in enumerate(made.knowns, start=1)
    }


def worded(
    made: Recommendation, sentences: Sequence[Sentence], dropped: int, model: str
) -> Recommendation:
    """The same recommendation with the sentences first; every quotation stays below them.

    ``dropped`` sentences were not supported by what they named and are left out.
    """
    lines = [f"- {one.text} {''.join(f'[{mark}]' for mark in one.marks)}" for one in sentences]
    named = [f"[{key}] {label}" for key, label in facts(made).items()]
    path = Words(
        f"Worded by the language model {model} from the quotations and facts below, each sentence "
        f"held against those it names; {dropped} unsupported sentences were left out.",
        f"由语言模型 {model} 依据下列引文与事实撰写，每句均与所引内容核对；"
        f"{dropped} 句因无依据已略去。",
    )
    return replace(
        made,
        text=Words(
            _with(made.text.en, PATH.en, [path.en, "In words:", *lines, "Facts:", *named]),
            _with(made.text.zh, PATH.zh, [path.zh, "文字建议：", *lines, "事实：", *named]),
        ),
        rationale=Words(
            made.rationale.en.replace(PATH.en, path.en), made.rationale.zh.replace(PATH.zh, path.zh)
        ),
        limits=(_LIMIT, *made.limits),
        key=f"{made.key}:worded",
    )


def _with(text: str, path: str, lines: Sequence[str]) -> str:
    """The text with these lines where it said which path it came by."""
    return text.replace(path, "\n".join(lines), 1)


_LIMIT = Words(
    "A language model worded the first part. Every sentence agrees with the words it names; that "
    "it names the right ones, and that nothing important is missing, was not checked.",
    "首段由语言模型撰写。每句均与其所引字句一致；但所引是否恰当、有无重要遗漏，未经核对。",
)
