"""Asks one model of a server, within the time that a probe has and within one request's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from countersign.kit.json import JSON

from .port import Post, Reply

PLAIN = "Write one short line about the sea."
PATIENCE = 2
"""Requests that may come late before the rest is left out."""


class Asking:
    """``seconds`` bounds one request, ``until`` (by ``clock``) all of them together."""

    def __init__(
        self, post: Post, model: str, seconds: float, clock: Callable[[], float], until: float
    ) -> None:
        self._post = post
        self._model = model
        self._seconds = seconds
        self._clock = clock
        self._until = until
        self._late = 0
        self.room = 1
        """How many times more tokens a model gets that thinks before it answers."""

    @property
    def spent(self) -> bool:
        """Whether there is no time, or no patience, for more."""
        return self._late >= PATIENCE or self._clock() >= self._until

    def chat(self, text: str = PLAIN, tokens: int = 32, **more: Any) -> Reply:
        """One request; a reply with ``late`` where the time is spent."""
        if self.spent:
            return Reply(why="late")
        body: JSON = {
            "model": self._model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": tokens,
            **more,
        }
        seconds = min(self._seconds, self._until - self._clock())
        reply = self._post("POST", "/chat/completions", body, seconds)
        self._late += reply.why == "late"
        return reply
