"""Lets a language model word an answer from passages, and keeps what they support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countersign.ground.identity import Principal
from countersign.ground.models import Asked, Asking, Prompt, Ready, Said

from .binding import Bound, Span, bind, claims_of
from .consulting import Consulting
from .drugs import Drugs
from .finding import Found
from .quotes import Quote

AT_MOST = 8
"""Passages that a model is given."""

ROOM = 9000
"""Characters of passages that a model is given."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A sentence with its quotes, each with its passage and exact at its place."""

    bound: Bound
    quotes: tuple[tuple[Found, Quote], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote: the sentences that their quotes support, and those that are dropped.

    ``said`` names the model, the prompt, who was passed over, and the record of the call.
    """

    sentences: tuple[Resting, ...]
    dropped: tuple[Bound, ...]
    said: Said


class Writing:
    """``prompt`` asks in the form of ``binding.SCHEMA``, at its places question and sources."""

    def __init__(self, gateway: Asking, prompt: Prompt, consulting: Consulting) -> None:
        self._gateway = gateway
        self._prompt = prompt
        self._consulting = consulting
        self._drugs = Drugs()

    def ready(self) -> Ready | None:
        """Who would write now; None where passages alone are the answer."""
        return self._gateway.ready(self._prompt.work)

    def write(self, principal: Principal, question: str, found: Sequence[Found]) -> Written:
        """The answer to ``question`` from ``found``, which ``principal`` was shown.

        Only passages that stand word for word in a version that the principal may read are
        given to the model. Raises what ``Asking.ask`` raises.
        """
        quotes = self._consulting.quotes(principal, [one.hit.passage for one in found])
        given = chosen([one for one in found if one.hit.passage.id in quotes])
        said = self._gateway.ask(
            Asked(
                prompt=self._prompt,
                values={"question": question, "sources": listed(given)},
                by=principal,
                inputs=tuple(_input(one) for one in given.values()),
            )
        )
        texts = {key: one.hit.passage.text for key, one in given.items()}
        bound = bind(claims_of(said.value or {}), texts, self._drugs)
        sentences = tuple(
            Resting(one, tuple(_quoted(span, given, quotes) for span in one.spans))
            for one in bound
            if one.supported
        )
        return Written(sentences, tuple(one for one in bound if not one.supported), said)


def chosen(found: Sequence[Found]) -> dict[str, Found]:
    """The first passages that a model has room for, by the number under which it is told them."""
    given: dict[str, Found] = {}
    left = ROOM
    for one in found[:AT_MOST]:
        left -= len(one.hit.passage.text)
        if left < 0 and given:
            break
        given[str(len(given) + 1)] = one
    return given


def listed(given: Mapping[str, Found]) -> str:
    """The passages as the model reads them, each below its number and where it stands."""
    return "\n\n".join(
        f"[{key}] {' › '.join((one.document.card.title, *one.hit.passage.headings))}\n"
        f"{one.hit.passage.text}"
        for key, one in given.items()
    )


def _input(one: Found) -> str:
    passage = one.hit.passage
    return f"{passage.document}@{passage.version}#{passage.start}-{passage.end}"


def _quoted(
    span: Span, given: Mapping[str, Found], quotes: Mapping[str, Quote]
) -> tuple[Found, Quote]:
    """The span of a passage as a quote of the version in which the passage stands."""
    found = given[span.source]
    whole = quotes[found.hit.passage.id]
    words = found.hit.passage.text[span.start : span.end]
    first = whole.start + span.start
    return found, Quote(
        whole.document, whole.version, first, first + len(words), words, whole.sha256
    )
