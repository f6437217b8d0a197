"""What a model can do, seen from what it really answers and never from what its server claims."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from countersign.kit.json import JSON

from .asking import Asking
from .port import Reply
from .reading import (
    Streaming,
    count_of,
    dig,
    parsed,
    reasoning_in,
    streaming,
    text_of,
    true_logprobs,
)

Found = dict[str, Any]
"""Fields of a ProbedModel; ``problems`` is a list of codes."""

LONGEST_TOKEN = 20
NO_JSON = "Do not write JSON. Write one short line about the sea."


def stream(ask: Asking) -> Found:
    """Streaming, its tokens, its speed and the field of reasoning; a first try is not counted."""
    ask.chat(tokens=8, stream=True)
    reply, seen = _streamed(ask, 48)
    if _in_one(seen):  # perhaps it only waited long in a queue: a longer answer tells
        reply, seen = _streamed(ask, 384)
    if reply.why:
        return {"problems": [reply.why]}
    if reply.status != 200 or not seen.events:
        return {"streaming": False}
    found: Found = {
        "streaming": len(seen.at) > 1 and not _in_one(seen),
        "usage": bool(seen.tokens),
        "reasoning": seen.reasoning,
        "problems": [],
        **_speed(seen),
    }
    if _in_one(seen):
        found["problems"].append("buffered")
    if not seen.finish:
        found["problems"].append("cut")
    return found


def _streamed(ask: Asking, tokens: int) -> tuple[Reply, Streaming]:
    text = "Count from one to five hundred in words."
    reply = ask.chat(text, tokens, stream=True, stream_options={"include_usage": True})
    if reply.status in (400, 422):
        reply = ask.chat(text, tokens, stream=True)
    return reply, streaming(reply)


def _in_one(seen: Streaming) -> bool:
    """Whether all text came together at the end: its parts within a fiftieth of the time."""
    return len(seen.at) > 1 and seen.at[-1] - seen.at[0] < seen.at[-1] / 50


def _speed(seen: Streaming) -> Found:
    if not seen.at:
        return {}
    found: Found = {"first_token_seconds": round(seen.at[0], 4)}
    tokens, took = seen.tokens or len(seen.at), seen.at[-1] - seen.at[0]
    if tokens > 1 and took > 0 and not _in_one(seen):
        found["tokens_per_second"] = round((tokens - 1) / took, 1)
    return found


def plain(ask: Asking) -> Found:
    """Whether it answers at all, and within ``max_tokens``."""
    reply = ask.chat(tokens=5)
    value = reply.value
    if dig(value, "choices", 0, "message") is None:
        return {"problems": [_refusal(reply)]}
    tokens = count_of(value, "usage", "completion_tokens")
    length = len(text_of(value, "choices", 0, "message", "content"))
    kept = length <= 200 and (tokens is None or tokens <= 5)
    found: Found = {"bounded": kept, "problems": [] if kept else ["unbounded"]}
    return {**found, "reasoning": reasoning_in(value)}


def _refusal(reply: Reply) -> str:
    if reply.why:
        return reply.why
    return "key" if reply.status in (401, 403) else "no-answer"


def schema(ask: Asking, chance: random.Random) -> Found:
    """Two schemas of words of chance, which no model fulfils unless its server makes it."""
    refused = 0
    for seed in (1, 2):
        wanted, fits = _unlikely(chance)
        form = {"name": "probe", "strict": True, "schema": wanted}
        wrapped: JSON = {"type": "json_schema", "json_schema": form}
        reply = ask.chat(tokens=96 * ask.room, response_format=wrapped, seed=seed)
        if reply.why == "late":
            return {}
        if reply.status != 200 or reply.why:
            refused += 1
            continue
        if not fits(parsed(text_of(reply.value, "choices", 0, "message", "content"))):
            return {"json_schema": False, "problems": ["schema-ignored"]}
    if refused:
        return {"json_schema": False, "problems": ["schema-refused"]}
    return {"json_schema": True}


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3))


def _unlikely(chance: random.Random) -> tuple[JSON, Any]:
    """A schema, and what tells whether a value fits it."""
    name, number = _word(chance), _word(chance) + "_number"
    choices = [_word(chance), _word(chance)]
    low = chance.randrange(10, 80)
    wanted: JSON = {
        "type": "object",
        "properties": {
            name: {"type": "string", "enum": choices},
            number: {"type": "integer", "minimum": low, "maximum": low + 9},
        },
        "required": [name, number],
        "additionalProperties": False,
    }

    def fits(value: Any) -> bool:
        if not isinstance(value, Mapping) or {*cast("JSON", value)} != {name, number}:
            return False
        count = count_of(value, number)
        return dig(value, name) in choices and count is not None and low <= count <= low + 9

    return wanted, fits


def json_object(ask: Asking) -> Found:
    """JSON although the model is told to write none; what was cut must at least have begun so."""
    for seed in (1, 2):
        wrapped: JSON = {"type": "json_object"}
        reply = ask.chat(NO_JSON, 64 * ask.room, response_format=wrapped, seed=seed)
        if reply.why == "late":
            return {}
        choice = dig(reply.value, "choices", 0)
        text = text_of(choice, "message", "content")
        cut = text_of(choice, "finish_reason") == "length" and text.lstrip().startswith("{")
        if not cut and not isinstance(parsed(text), Mapping):
            return {"json_object": False}
    return {"json_object": True}


def tools(ask: Asking, chance: random.Random) -> Found:
    """A call of a tool whose name and argument are words of chance."""
    name = _word(chance)
    wanted, fits = _unlikely(chance)
    tool = {"name": name, "description": "Tell the answer with this.", "parameters": wanted}
    reply = ask.chat(
        "Use the tool.",
        128 * ask.room,
        tools=[{"type": "function", "function": tool}],
        tool_choice="required",
    )
    if reply.why == "late":
        return {}
    call = dig(reply.value, "choices", 0, "message", "tool_calls", 0, "function")
    called = text_of(call, "name") == name
    return {"tools": called and fits(parsed(text_of(call, "arguments")))}


def logprobs(ask: Asking) -> Found:
    """Probabilities that are there and can be true."""
    reply = ask.chat(tokens=8, logprobs=True, top_logprobs=3)
    if reply.why == "late":
        return {}
    true = true_logprobs(reply.value)
    problems = {None: ["logprobs-ignored"], False: ["logprobs-false"], True: []}[true]
    return {"logprobs": true is True, "problems": problems}


def seeds(ask: Asking) -> Found:
    """The same seed twice and another once; the first answer also says what to stop at."""
    replies = [ask.chat(tokens=16, seed=seed, temperature=1.0) for seed in (7, 7, 8)]
    if any(reply.why or reply.status != 200 for reply in replies):
        return {}
    one, again, other = (
        text_of(reply.value, "choices", 0, "message", "content") for reply in replies
    )
    found: Found = {}
    if one and again and other:
        # Where another seed says the same, chance was not asked and nothing is known.
        found = {"seeded": True} if one == again != other else {}
        if one != again:
            found = {"seeded": False}
    return {**found, **_stops(ask, one)}


def _stops(ask: Asking, text: str) -> Found:
    signs = Counter(sign for sign in text if sign.isalnum())
    if not signs:
        return {}
    sign, times = signs.most_common(1)[0]
    reply = ask.chat(tokens=32, seed=7, temperature=1.0, stop=[sign])
    choice = dig(reply.value, "choices", 0)
    if times < 2 or reply.why or dig(choice, "message") is None:
        return {}
    said = text_of(choice, "message", "content")
    # Some leave the sequence, and what else its token held, at the end of the answer.
    ended = text_of(choice, "finish_reason") == "stop" and sign not in said[:-LONGEST_TOKEN]
    return {"stops": sign not in said or ended}
