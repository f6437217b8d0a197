"""One round with one server: sends the messages, reads the answer as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from countersign.ground.egress import EgressFailed, EgressRefused, Ended, Streamed
from countersign.kit.json import JSON

from .access import Access
from .errors import (
    AnswerOverlong,
    RequestRefused,
    ServerAway,
    ServerBusy,
    ServerCut,
    ServerFailed,
    ServerHung,
    ServerRefused,
    Trouble,
)
from .thought import Apart
from .wire import Chunk, Garbled, chunks

_LATE = frozenset({"DeadlinePassed", "ReadTimeout", "ConnectTimeout", "WriteTimeout"})
_UNREACHED = frozenset({"ConnectError"})

END = 0.2
"""Seconds that a server has to end its message after it said that it is done."""

SIGNS_FOR_A_TOKEN = 64
"""The most signs that an answer may have for each token that was asked for."""


@dataclass(slots=True)
class Patience:
    """Moments in monotonic seconds: the first word is due by ``first``, everything by ``last``;
    between two words at most ``pause`` seconds pass."""

    first: float
    last: float
    pause: float


@dataclass(slots=True)
class Round:
    """What has come so far. ``retry_after`` is what a busy server asked for, in seconds."""

    text: list[str] = field(default_factory=list[str])
    thought: list[str] = field(default_factory=list[str])
    finish: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    first_at: float | None = None
    unopened: bool = False
    retry_after: float = 0.0
    status: int = 0

    @property
    def answer(self) -> str:
        """The text of the answer without what was thought aloud."""
        return "".join(self.text)


def say(
    access: Access, body: JSON, patience: Patience, watch: Callable[[], None], said: Round
) -> Iterator[str]:
    """The answer's pieces as they come; ``said`` is filled on the way.

    Raises a Trouble, and what ``watch`` raises.
    """
    begun = time.monotonic()
    most = int(body["max_tokens"])
    try:
        with access.stream(body, patience.first - begun, watch) as answer:
            check(access.name, answer, said, "text/event-stream")
            yield from _read(access.name, answer, patience, watch, said, most)
    except Ended as ended:
        raise ended.why from None
    except EgressRefused as problem:
        raise ServerAway(server=access.name) from problem
    except EgressFailed as problem:
        raise failure(access.name, problem) from None


def failure(name: str, problem: EgressFailed) -> Trouble:
    """What it means for the server that the way to it or back failed."""
    what = str(problem.details.get("problem"))
    if what in _LATE:
        return ServerHung(server=name)
    if what in _UNREACHED:
        return ServerAway(server=name)
    if what == "the answer is too large":
        return AnswerOverlong(server=name)
    return ServerCut(server=name)


def check(name: str, answer: Streamed, said: Round, media: str) -> None:
    """Raises what a status other than 200, or another type of content than ``media``, means."""
    said.status = answer.status
    if answer.status == 200:
        if not answer.headers.get("content-type", "").startswith(media):
            raise ServerFailed(server=name)
        return
    if answer.status in (429, 503):
        said.retry_after = _seconds(answer.headers.get("retry-after", ""))
        raise ServerBusy(server=name)
    if answer.status in (401, 403, 404):
        raise ServerRefused(server=name)
    if 400 <= answer.status < 500:
        raise RequestRefused(server=name)
    raise ServerFailed(server=name)


def _seconds(text: str) -> float:
    """Of a Retry-After in seconds (RFC 9110, 10.2.3); a date is taken as one second."""
    try:
        return min(max(float(text), 0.0), 3600.0) if text else 1.0
    except ValueError:
        return 1.0


def _read(
    name: str,
    answer: Streamed,
    patience: Patience,
    watch: Callable[[], None],
    said: Round,
    most: int,
) -> Iterator[str]:
    apart, signs, looked = Apart(), 0, time.monotonic()
    parts = iter(answer)
    try:
        for chunk in chunks(parts):
            now = time.monotonic()
            if now - looked > 0.5:
                looked = now
                watch()
            piece, thought = _taken(name, chunk, apart, said)
            if piece or thought:
                said.first_at = said.first_at or now
                said.tokens_out += 1
                signs += len(piece) + len(thought)
            answer.end_by(_next(patience, said, now))
            if signs > most * SIGNS_FOR_A_TOKEN:
                raise AnswerOverlong(server=name)
            if piece:
                said.text.append(piece)
                yield piece
    except Garbled:
        raise ServerFailed(server=name) from None
    with suppress(EgressFailed):  # its end, so that the connection serves the next request too
        answer.end_by(min(patience.last, time.monotonic() + END))
        next(parts, None)
    piece, thought = apart.end()
    said.thought.append(thought)
    if piece:
        said.text.append(piece)
        yield piece


def _next(patience: Patience, said: Round, now: float) -> float:
    """By when something must come next."""
    if said.first_at is None:
        return patience.first
    return min(patience.last, now + patience.pause)


def _taken(name: str, chunk: Chunk, apart: Apart, said: Round) -> tuple[str, str]:
    """(answer, thought) of one event."""
    if chunk.error is not None:
        raise ServerFailed(server=name)
    if chunk.usage is not None:
        said.tokens_in = chunk.usage.prompt_tokens
        said.tokens_out = chunk.usage.completion_tokens or said.tokens_out
    if not chunk.choices:
        return "", ""
    choice = chunk.choices[0]
    said.finish = choice.finish_reason or said.finish
    delta = choice.delta
    if delta is None:
        return "", ""
    piece, thought = apart.feed(delta.content) if delta.content else ("", "")
    if apart.unopened and not said.unopened:
        said.unopened = True
        said.thought[:0] = said.text
        said.text.clear()
    thought += delta.reasoning_content or delta.reasoning or ""
    if thought:
        said.thought.append(thought)
    return piece, thought
