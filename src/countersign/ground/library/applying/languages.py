"""A chart asks in the reader's language, and what stands there in two is shown in hers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from countersign.kit.words import Language

from .facts import Fact
from .gathering import Applying

_HAN = re.compile(r"[\u3400-\u9fff]+")


def question_of(fact: Fact, language: Language) -> str:
    """The fact's words in the reader's language where there are some, so that its documents come.

    What a classification adds behind a comma (“site not specified”) asks for nothing.
    """
    if language == "zh":
        return fact.question
    if fact.english and fact.kind != "result":
        return fact.english.partition(",")[0]
    latin = " ".join(_HAN.sub(" ", fact.question).split())
    return latin if len(latin) > 2 else fact.question


def in_one_language(applying: Sequence[Applying], language: Language) -> list[Applying]:
    """Texts on the same topic in two languages count once: in the reader's, where it is there."""
    topics = {
        one.found.document.card.topic
        for one in applying
        if one.found.document.card.language == language
    }
    return [
        one
        for one in applying
        if one.found.document.card.language == language
        or not one.found.document.card.topic
        or one.found.document.card.topic not in topics
    ]
