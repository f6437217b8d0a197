"""A language model that says what a test tells it, at the port of ``floor.gateway``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from countersign.ground.models import (
    Asked,
    ModelRef,
    ModelsAway,
    Ready,
    Said,
    Stream,
    Work,
)
from countersign.kit.json import JSON

MODEL = ModelRef("scripted", "1", "ab" * 32)


class Scripted:
    """Answers every request with the same sentences, or is away."""

    def __init__(self, sentences: Sequence[JSON], *, away: bool = False) -> None:
        self._sentences = list(sentences)
        self._away = away
        self.asked: list[Asked] = []

    def ready(self, work: Work) -> Ready | None:
        assert work is Work.RECORD
        return Ready(MODEL, "here", first=True)

    def ask(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if self._away:
            raise ModelsAway
        value: JSON = {"sentences": self._sentences}
        return Said(
            str(value), value, "", MODEL, asked.prompt.ref, "here", (), "call-1", 10, 10, 0.1, 0.2
        )

    def stream(self, asked: Asked) -> AbstractContextManager[Stream]:
        raise NotImplementedError
