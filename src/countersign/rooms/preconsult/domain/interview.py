"""The way through an interview: what is asked next, what an answer may be, and when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUESTIONS = 6
"""Adaptive questions that are asked at most."""

LONGEST = 2000
BACKGROUND = ("history", "medicines", "allergies", "family", "smoking")
FIXED = ("who", "complaint", "dangers")
LAST = ("pictures", "review")
ANSWERS = ("yes", "no", "unsure")
SMOKING = ("never", "before", "now", "skip")
WHO = ("patient", "relative", "nurse")
ASK = "ask:"
NONE = "none"

Value = Mapping[str, Any]
Answers = Mapping[str, Value]


class UnfitAnswer(ValueError):
    """What was sent is no answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that decides the next step: answers by item, and the question worth asking.

    ``question`` is the term of the best open question, None where none is worth it.
    """

    answers: Answers
    question: str | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Terms that were answered, in the order of the answers."""
        return tuple(item.removeprefix(ASK) for item in self.answers if item.startswith(ASK))

    def next(self) -> str:
        """The item that is open now; ``review`` once everything was answered or left out."""
        for item in FIXED:
            if item not in self.answers:
                return item
        if self.question is not None and len(self.asked) < QUESTIONS:
            return ASK + self.question
        for item in (*BACKGROUND, "pictures"):
            if item not in self.answers:
                return item
        return "review"

    @property
    def done(self) -> int:
        """Steps that lie behind, for the bar that shows how far it is."""
        return len([item for item in self.answers if item in steps() or item.startswith(ASK)])


def steps() -> tuple[str, ...]:
    """Every fixed item, in its order."""
    return (*FIXED, *BACKGROUND, *LAST)


def newest(entries: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """The last answer to each item, in the order in which the items were first answered."""
    found: dict[str, Value] = {}
    for item, value in entries:
        found[item] = value
    return found


def answer(
    item: str, given: Mapping[str, str], chosen: Sequence[str], allowed: Sequence[str]
) -> Value:
    """The value to keep of a form. ``allowed`` are dangers or questions that were offered.

    Raises UnfitAnswer.
    """
    text = given.get("text", "").strip()
    if len(text) > LONGEST:
        raise UnfitAnswer("long")
    if item == "who":
        who = given.get("who", "")
        if who not in WHO:
            raise UnfitAnswer("choose")
        return {"who": who, "name": text[:80]}
    if item == "complaint":
        if not text:
            raise UnfitAnswer("empty")
        return {"text": text}
    if item == "dangers":
        if not chosen or any(one not in (*allowed, NONE) for one in chosen):
            raise UnfitAnswer("choose")
        return {"flags": [one for one in chosen if one != NONE]}
    if item.startswith(ASK):
        if item.removeprefix(ASK) not in allowed or given.get("answer") not in ANSWERS:
            raise UnfitAnswer("choose")
        return {"answer": given["answer"], "text": text}
    if item == "smoking":
        if given.get("answer") not in SMOKING:
            raise UnfitAnswer("choose")
        return {"answer": given["answer"]}
    if item in BACKGROUND:
        if not text and given.get("answer") != NONE:
            raise UnfitAnswer("empty")
        return {"text": text, "none": not text}
    if item == "pictures":
        return {"done": True}
    raise UnfitAnswer("choose")
