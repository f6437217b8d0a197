"""Reads the stream of an OpenAI-compatible server: server-sent events, one JSON object each.

Parsed here and not by the ``openai`` package: decision 0045 has the measured difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

LONGEST_LINE = 1024 * 1024
"""Bytes of one event; a token has a few hundred."""


class Garbled(Exception):
    """What came is no stream of completions."""


class Usage(msgspec.Struct, gc=False):
    """Tokens as the server counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Delta(msgspec.Struct, gc=False):
    """The new part of an answer; servers disagree on the name of the reasoning."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Choice(msgspec.Struct, gc=False):
    delta: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct, gc=False):
    """One event. ``error`` is set where a server reports a failure inside a stream."""

    choices: list[Choice] = []
    usage: Usage | None = None
    error: msgspec.Raw | None = None


_decoder = msgspec.json.Decoder(Chunk)


def chunks(parts: Iterable[bytes]) -> Iterator[Chunk]:
    """The events until ``[DONE]`` or the end. Raises Garbled."""
    rest = b""
    for part in parts:
        lines = (rest + part).split(b"\n")
        rest = lines.pop()
        if len(rest) > LONGEST_LINE:
            raise Garbled
        for line in lines:
            if not line.startswith(b"data:"):
                continue  # blank lines, comments that keep a connection open, other fields
            said = line[5:].strip()
            if said == b"[DONE]":
                return
            try:
                yield _decoder.decode(said)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Garbled from None
