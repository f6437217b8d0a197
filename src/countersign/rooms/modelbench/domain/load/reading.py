"""Reads one streamed answer as it comes and notes when each part came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from countersign.kit.eventstream import EventStream
from countersign.kit.json import MalformedJSON, decode

TEXTS = ("content", "reasoning_content", "reasoning", "text", "tool_calls")
"""Where servers put what a model writes: ``delta`` of a chat, or the choice itself."""


class Reading:
    """One answer. ``failed`` stays "cut" until the server has said why it ended."""

    def __init__(self) -> None:
        self.parts: list[float] = []
        self.text: float | None = None
        self.tokens_in = 0
        self.tokens_out = 0
        self.failed = "cut"
        self._texts = 0
        self._events = EventStream()

    def take(self, part: bytes, moment: float) -> None:
        """``part`` came at ``moment``; what is no event of an answer counts for nothing."""
        for event in self._events.feed(part):
            if event == "[DONE]":
                continue
            try:
                self._event(decode(event), moment)
            except MalformedJSON:
                self.failed = "malformed"

    def end(self) -> None:
        """Nothing more comes: a server that reported no tokens is taken by its parts."""
        if not self.parts and self.failed in ("", "cut"):
            self.failed = "empty"
        self.tokens_out = self.tokens_out or self._texts

    def _event(self, event: Any, moment: float) -> None:
        if not isinstance(event, Mapping):
            self.failed = "malformed"
            return
        said = cast("Mapping[str, Any]", event)
        if said.get("error"):
            self.failed = "error"
            return
        match said.get("usage"):
            case {"prompt_tokens": int(before), "completion_tokens": int(after)}:
                self.tokens_in, self.tokens_out = before, after
            case _:
                pass
        match said.get("choices"):
            case [{**choice}, *_]:
                self._choice(cast("Mapping[str, Any]", choice), moment)
            case _:
                pass

    def _choice(self, choice: Mapping[str, Any], moment: float) -> None:
        self.parts.append(moment)
        delta = choice.get("delta")
        carried = cast("Mapping[str, Any]", delta) if isinstance(delta, Mapping) else choice
        if any(carried.get(name) for name in TEXTS):
            self._texts += 1
            self.text = moment if self.text is None else self.text
        if choice.get("finish_reason") and self.failed == "cut":
            self.failed = ""
