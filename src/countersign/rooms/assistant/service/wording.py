"""Has a language model word a recommendation, and keeps what its quotations support."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.ground.identity import Principal
from countersign.ground.library import Drugs, bind, claims_of
from countersign.ground.models import Asked, Asking, Ready, Said
from countersign.kit.errors import CountersignError
from countersign.rooms.assistant.domain import (
    Recommendation,
    Sentence,
    facts,
    quotations,
    worded,
)
from countersign.rooms.assistant.inference import RECOMMEND

SECONDS = 60.0


class NothingWorded(CountersignError):
    code = "assistant.nothing_worded"
    status = 409
    message = (
        "The language model wrote nothing that the quotations support. Draft the recommendation "
        "from the quotations alone."
    )


@dataclass(frozen=True, slots=True)
class Worded:
    """The recommendation in words, and who worded it."""

    recommendation: Recommendation
    said: Said


class Wording:
    """One object for a process."""

    def __init__(self, gateway: Asking) -> None:
        self._gateway = gateway
        self._drugs = Drugs()

    def ready(self) -> Ready | None:
        """Who would word it now; None where quotations are the whole draft."""
        return self._gateway.ready(RECOMMEND.work)

    def word(self, principal: Principal, patient: str, made: Recommendation) -> Worded:
        """The same recommendation with the sentences that hold. Raises NothingWorded, and what
        asking a language model raises.
        """
        sources = {**quotations(made), **facts(made)}
        said = self._gateway.ask(
            Asked(
                prompt=RECOMMEND,
                values={
                    "sources": _listed(quotations(made)),
                    "facts": _listed(facts(made)),
                },
                by=principal,
                inputs=(*made.inputs, *(_place(*one.point.place) for one in made.chosen)),
                patient=patient,
                seconds=SECONDS,
            )
        )
        bound = bind(claims_of(said.value or {}), sources, self._drugs)
        good = [
            Sentence(one.text, tuple(dict.fromkeys(span.source for span in one.spans)))
            for one in bound
            if one.supported
        ]
        if not good:
            raise NothingWorded
        made = worded(made, good, len(bound) - len(good), said.model.label)
        return Worded(made, said)


def _listed(sources: dict[str, str]) -> str:
    return "\n".join(f"[{key}] {words}" for key, words in sources.items())


def _place(document: str, version: str, start: int, end: int) -> str:
    return f"{document}@{version}#{start}-{end}"
