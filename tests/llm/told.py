"""A gateway at the port that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from countersign.ground.models import (
    Asked,
    Dataset,
    ModelCard,
    ModelKind,
    ModelRef,
    ModelsAway,
    NotMeasured,
    PassedOver,
    Ready,
    Registry,
    Said,
    Source,
    Stream,
    Work,
)
from countersign.kit.words import Words


@dataclass
class Told:
    """Answers each question with the next of ``answers``; without one, every model is away."""

    model: ModelRef
    answers: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    passed_over: tuple[PassedOver, ...] = ()

    def ready(self, work: Work) -> Ready | None:
        return Ready(self.model, "ward-server", first=not self.passed_over)

    def ask(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if not self.answers:
            raise ModelsAway(why="egress.failed")
        value = self.answers.pop(0)
        return Said(
            text=json.dumps(value, ensure_ascii=False),
            value=value,
            reasoning="",
            model=self.model,
            prompt=asked.prompt.ref,
            server="ward-server",
            passed_over=self.passed_over,
            call=f"call-{len(self.asked)}",
            tokens_in=100,
            tokens_out=20,
            first_token_seconds=0.1,
            seconds=0.5,
        )

    def stream(self, asked: Asked) -> AbstractContextManager[Stream]:
        raise NotImplementedError

    def close(self) -> None: ...


def told(registry: Registry) -> Told:
    """One whose model is registered, as the gateway registers those of its servers."""
    words = Words("Made for tests", "供测试")
    card = ModelCard(
        name="ward-model",
        version="1",
        kind=ModelKind.LANGUAGE,
        title=words,
        intended_use=words,
        not_for=words,
        data=(Dataset(words, "none"),),
        performance=(NotMeasured(words, words),),
        limits=(words,),
        owner="tests",
        sources=(Source("tests", "2026-11-26"),),
    )
    return Told(registry.register(card, "ab" * 32))
