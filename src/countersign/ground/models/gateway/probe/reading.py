"""Takes out of whatever a server answered what is there, and never fails over what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from countersign.kit.eventstream import EventStream
from countersign.kit.json import MalformedJSON, decode

from .port import Reply

REASONING = ("reasoning_content", "reasoning", "thinking")
LARGEST_COUNT = 10**9


def dig(value: Any, *path: str | int) -> Any:
    """What lies at ``path``, None where the way ends before."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list):
            found = cast("list[Any]", value)
            value = found[step] if -len(found) <= step < len(found) else None
        else:
            return None
    return value


def text_of(value: Any, *path: str | int) -> str:
    """The text there, "" where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def count_of(value: Any, *path: str | int) -> int | None:
    """The whole number there, None where there is none that counts something."""
    found = dig(value, *path)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 <= found <= LARGEST_COUNT else None


def number_of(value: Any, *path: str | int) -> float | None:
    """The finite number there."""
    found = dig(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        return None
    try:
        as_float = float(found)
    except OverflowError:
        return None
    return as_float if math.isfinite(as_float) else None


def parsed(text: str) -> Any:
    """The JSON that ``text`` is, None where it is none."""
    try:
        return decode(text)
    except (MalformedJSON, UnicodeEncodeError):
        return None


@dataclass(frozen=True, slots=True)
class Streaming:
    """A streamed answer. ``at`` are the moments at which text came, one for each event."""

    text: str = ""
    reasoning: str = ""
    at: tuple[float, ...] = ()
    tokens: int | None = None
    finish: str = ""
    events: int = 0


def streaming(reply: Reply) -> Streaming:
    """What a streamed reply says, as far as it says anything."""
    stream, texts, at = EventStream(), list[str](), list[float]()
    reasoning, finish, tokens, events = "", "", None, 0
    for moment, part in reply.parts:
        for event in stream.feed(part):
            value = parsed(event)
            events += isinstance(value, dict)
            delta = dig(value, "choices", 0, "delta")
            thought = next((name for name in REASONING if text_of(delta, name)), "")
            reasoning = reasoning or thought
            if text_of(delta, "content") or thought:
                at.append(moment)
                texts.append(text_of(delta, "content"))
            finish = text_of(value, "choices", 0, "finish_reason") or finish
            told = count_of(value, "usage", "completion_tokens")
            tokens = tokens if told is None else told
    text = "".join(texts)
    return Streaming(text, reasoning or _tags(text), tuple(at), tokens, finish, events)


def reasoning_in(value: Any) -> str:
    """The field in which a whole answer carries what the model thought."""
    message = dig(value, "choices", 0, "message")
    named = next((name for name in REASONING if text_of(message, name)), "")
    return named or _tags(text_of(message, "content"))


def _tags(text: str) -> str:
    return "tags" if "<think>" in text or "</think>" in text else ""


def true_logprobs(value: Any) -> bool | None:
    """Whether probabilities are there and can be true; None where there are none at all.

    A logarithm of a probability is at most 0, and alternatives together are at most 1.
    """
    content = dig(value, "choices", 0, "logprobs", "content")
    if not isinstance(content, list) or not content:
        return None
    for token in cast("Sequence[Any]", content):
        own = number_of(token, "logprob")
        top = dig(token, "top_logprobs")
        if own is None or not isinstance(top, list) or not top:
            return False
        others = [number_of(one, "logprob") for one in cast("Sequence[Any]", top)]
        if any(one is None or one > 1e-6 for one in (own, *others)):
            return False
        if sum(math.exp(one) for one in others if one is not None) > 1.01:
            return False
    return True
