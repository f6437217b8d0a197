"""Asks one given model on one given server, as a study must: never whoever is assigned."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from countersign.ground.egress import Answer, Egress, EgressFailed
from countersign.kit.errors import CountersignError
from countersign.kit.json import MalformedJSON, decode, encode
from countersign.rooms.modelbench.domain.study.plan import Configuration

LARGEST = 4 * 1024 * 1024
"""Bytes of one answer."""


class ServerSilent(CountersignError):
    code = "study.unanswered"
    status = 502
    message = "The model server did not answer as it should ({problem}). Look at the server."


class UnknownServer(CountersignError):
    code = "study.unknown_server"
    status = 422
    message = (
        "There is no server called {server} here. Add it under “Language models”, or name its "
        "address in the plan."
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a server is: its base address (``http://host:port/v1``) and what it wants to see."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


Place = Callable[[str], Reached | None]
"""The server of a name in the registry, None for no such one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer. ``seconds`` from asking to the last byte; tokens 0 where not told."""

    text: str = field(repr=False)
    tokens_in: int
    tokens_out: int
    seconds: float


class Answering(Protocol):
    """The port over which a study asks. Safe to use from many threads."""

    def ask(
        self,
        of: Configuration,
        system: str,
        user: str,
        *,
        seconds: float,
        temperature: float,
        tokens: int,
    ) -> Answered:
        """One answer. Raises ServerSilent, UnknownServer, EgressRefused."""
        ...

    def place(self, of: Configuration) -> Reached:
        """Where the configuration's server is. Raises UnknownServer."""
        ...


class OverEgress:
    """Answers over the house's only network client, from the servers that the list allows."""

    def __init__(self, egress: Egress, registered: Place) -> None:
        self._egress = egress
        self._registered = registered

    def place(self, of: Configuration) -> Reached:
        """The plan's own address, or that of the registry."""
        if of.address:
            return Reached(of.address)
        found = self._registered(of.server)
        if found is None:
            raise UnknownServer(server=of.server)
        return found

    def ask(
        self,
        of: Configuration,
        system: str,
        user: str,
        *,
        seconds: float,
        temperature: float,
        tokens: int,
    ) -> Answered:
        """``POST /chat/completions``, at once and whole."""
        reached = self.place(of)
        begun = time.monotonic()
        asked = {
            "model": of.model,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": user},
            ],
            "temperature": temperature,
            "max_tokens": tokens,
        }
        try:
            answer = self._egress.request(
                "POST",
                f"{reached.url}/chat/completions",
                headers={"content-type": "application/json", **reached.headers},
                content=encode(asked),
                timeout=seconds,
                largest=LARGEST,
            )
        except EgressFailed as problem:
            raise ServerSilent(problem=str(problem.details.get("problem", "no answer"))) from None
        return _read(answer, time.monotonic() - begun)


def _read(answer: Answer, seconds: float) -> Answered:
    if answer.status != 200:
        raise ServerSilent(problem=f"HTTP {answer.status}")
    try:
        said: Any = decode(answer.content)
        message = said["choices"][0]["message"]
        text = message.get("content") or ""
        counts: Any = said.get("usage") or {}
        if not isinstance(text, str):
            raise TypeError
        given, made = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    except (MalformedJSON, KeyError, IndexError, TypeError, AttributeError):
        raise ServerSilent(problem="the answer has not the form of OpenAI") from None
    return Answered(text, given, made, seconds)


def _count(found: object) -> int:
    return found if isinstance(found, int) and 0 <= found < 2**31 else 0
