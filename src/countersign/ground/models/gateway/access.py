"""How a server is reached: its address, its token, and the network client that obeys the list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import msgspec

from countersign.ground.egress import Egress, EgressFailed, EgressRefused, Streamed
from countersign.kit.json import JSON, MalformedJSON, decode, encode

from .errors import ServerAway, ServerFailed, ServerRefused

LARGEST = 16 * 1024 * 1024
"""Bytes of one answer; the longest that a model gives has less than one million."""


@dataclass(frozen=True, slots=True)
class Access:
    """One server as a caller needs it. ``address`` ends before ``/chat/completions``; ``fresh``
    asks for each completion over a connection of its own."""

    egress: Egress
    name: str
    address: str
    token: str | None = field(default=None, repr=False)
    fresh: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What every request bears."""
        said = {"content-type": "application/json"}
        return said if not self.token else {**said, "authorization": f"Bearer {self.token}"}

    def stream(
        self, body: JSON, seconds: float, watch: Callable[[], None]
    ) -> AbstractContextManager[Streamed]:
        """A streamed completion. Raises EgressRefused and EgressFailed."""
        return self.egress.stream(
            "POST",
            f"{self.address}/chat/completions",
            headers={**self.headers, "accept": "text/event-stream"},
            content=encode(body),
            timeout=seconds,
            largest=LARGEST,
            watch=watch,
            fresh=self.fresh,
        )

    def transcription(
        self, media: str, content: bytes, seconds: float, watch: Callable[[], None]
    ) -> AbstractContextManager[Streamed]:
        """What a speech server makes of a form that holds a recording; ``media`` is the form's
        type. Raises EgressRefused and EgressFailed."""
        return self.egress.stream(
            "POST",
            f"{self.address}/audio/transcriptions",
            headers={**self.headers, "content-type": media, "accept": "application/json"},
            content=content,
            timeout=seconds,
            largest=LARGEST,
            watch=watch,
        )

    def models(self, seconds: float = 5.0) -> dict[str, JSON]:
        """What the server says of each of its models, by its own name for it.

        Raises ServerAway, ServerRefused, ServerFailed.
        """
        try:
            answer = self.egress.request(
                "GET", f"{self.address}/models", headers=self.headers, timeout=seconds
            )
        except (EgressRefused, EgressFailed) as problem:
            raise ServerAway(server=self.name) from problem
        if answer.status in (401, 403, 404):
            raise ServerRefused(server=self.name)
        try:
            found = msgspec.convert(decode(answer.content), _Listed).data
        except (MalformedJSON, msgspec.ValidationError):
            raise ServerFailed(server=self.name) from None
        if answer.status != 200:
            raise ServerFailed(server=self.name)
        return {str(one["id"]): one for one in found if one.get("id")}


class _Listed(msgspec.Struct):
    data: list[dict[str, object]]
