"""What a room asks of a language model and what it is told, whichever model answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from countersign.ground.identity import Principal
from countersign.kit.json import JSON

from .card import ModelRef
from .errors import NoLanguageModel


class Work(StrEnum):
    """Kinds of work; an administrator assigns models to each of them."""

    ANSWER = "answer"
    DIFFERENTIAL = "differential"
    RECORD = "record"
    INTERVIEW = "interview"
    FOLLOW_UP = "follow-up"
    EXTRACTION = "extraction"
    TRANSLATION = "translation"
    STUDY = "study"
    SPEECH = "speech"
    """Not a language model's: a speech server writes down what was said."""


class Priority(IntEnum):
    """Who goes first where servers are busy; a lower number goes before a higher one."""

    PRESENT = 0
    """A physician waits with a patient in front of her."""
    SOON = 1
    """A person will look within minutes."""
    BATCH = 2
    """Nobody waits: a night's work."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A versioned and registered template.

    ``system`` instructs the model and never holds anything of a patient or a document.
    ``user`` has places ``$name``; what is put there is fenced as data. ``schema`` is the JSON
    schema of the answer, None for prose. ``tokens`` bounds the answer. ``room`` is the room that
    it belongs to, among whom places go round where no person asks.
    """

    ref: ModelRef
    work: Work
    system: str
    user: str
    schema: JSON | None = None
    tokens: int = 1024
    room: str = ""
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``values`` fill the prompt's places: data, whatever they say.

    ``inputs`` are references with versions of all that the values were taken from, which is
    what the record of the call keeps instead of the text. ``seconds`` is for everything, the
    waiting in the queue too. ``patient`` is None where it is about nobody.
    """

    prompt: Prompt
    values: Mapping[str, str] = field(repr=False)
    by: Principal
    inputs: tuple[str, ...] = ()
    patient: str | None = None
    priority: Priority = Priority.PRESENT
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording to be written down. It is sent to the assigned server and kept nowhere.

    ``media`` is its type without parameters, such as ``audio/webm``; ``language`` is a code of
    ISO 639-1. ``room`` asks, ``inputs`` are references that the record of the call keeps;
    ``seconds`` is for everything, the waiting in the queue too.
    """

    content: bytes = field(repr=False)
    media: str
    language: str
    by: Principal
    room: str
    inputs: tuple[str, ...] = ()
    patient: str | None = None
    priority: Priority = Priority.PRESENT
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model that was to answer and did not; ``why`` is the code of the error."""

    server: str
    model: str
    why: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Who would answer now: the registered model and the name of its server.

    ``first`` is whether it is the first choice; a page names a fall-back.
    """

    model: ModelRef
    server: str
    first: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer; half of one is never given out.

    ``value`` is the parsed answer and valid against the prompt's schema, None for prose.
    ``reasoning`` is what the model thought aloud: never part of the answer. ``call`` is the
    record of it. Times are in seconds from the moment of asking.
    """

    text: str = field(repr=False)
    value: JSON | None = field(repr=False)
    reasoning: str = field(repr=False)
    model: ModelRef
    prompt: ModelRef
    server: str
    passed_over: tuple[PassedOver, ...]
    call: str
    tokens_in: int
    tokens_out: int
    first_token_seconds: float
    seconds: float
    repaired: bool = False


class Stream(Protocol):
    """An answer as it comes. Until ``said`` can be read it is unfinished and must say so."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of the answer's text. Raises what ``Asking.ask`` raises."""
        ...

    @property
    def said(self) -> Said:
        """The whole answer, once every piece has come. Raises AnswerUnfinished before."""
        ...


class Asking(Protocol):
    """The gateway as rooms see it. Safe to use from many threads."""

    def ready(self, work: Work) -> Ready | None:
        """Who would answer, without asking anyone; None where the path without a model goes."""
        ...

    def ask(self, asked: Asked) -> Said:
        """The whole answer of the first assigned model that gives a good one.

        Raises AIStopped, NoLanguageModel (none assigned), ModelsAway (none answered well in
        time), BudgetSpent.
        """
        ...

    def stream(self, asked: Asked) -> AbstractContextManager[Stream]:
        """The same in pieces; leaving the block before the end gives the answer up."""
        ...

    def hear(self, spoken: Spoken) -> Said:
        """What was said, as text, which may be empty. Raises what ``ask`` raises."""
        ...

    def close(self) -> None:
        """Writes what is still to be recorded."""
        ...


class NoServers:
    """A house without a language model: every room takes its other path."""

    def ready(self, work: Work) -> Ready | None:
        """Nobody."""
        return None

    def ask(self, asked: Asked) -> Said:
        """Raises NoLanguageModel."""
        raise NoLanguageModel(work=asked.prompt.work)

    def stream(self, asked: Asked) -> AbstractContextManager[Stream]:
        """Raises NoLanguageModel."""
        raise NoLanguageModel(work=asked.prompt.work)

    def hear(self, spoken: Spoken) -> Said:
        """Raises NoLanguageModel."""
        del spoken
        raise NoLanguageModel(work=Work.SPEECH)

    def close(self) -> None:
        """Nothing is to be recorded."""
