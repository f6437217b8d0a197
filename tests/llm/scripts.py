"""What the fault server does for each model name: how it answers, and how it goes wrong."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from llm.interviewer import EVIL, interviewer

WORDS = ("potassium", "is", "high", ",", "so", "look", "at", "the", "kidney", "first", "。", "血钾")
BROKEN = "this is no JSON at all"


@dataclass(frozen=True)
class Piece:
    """One part of an answer, after ``wait`` seconds; ``raw`` replaces the whole line."""

    text: str = ""
    reasoning: str = ""
    wait: float = 0.0
    finish: str | None = None
    raw: bytes | None = None
    cut: bool = False
    """The connection ends here, without a word."""


FIRST_SECONDS = 0.1
"""What a large model takes to read the prompt before ``pace-…`` says its first word."""


def known() -> list[str]:
    """The names that ``/v1/models`` lists; numbers in them may be chosen freely."""
    return [
        "ok", "json", "pace-4", "pace-40", "pace-80", "flat-200", "slow-1", "hang", "hang-3",
        "busy-1", "busy-9",
        "busy-once", "drop-once", "leaves", "too-long",
        "fail", "fail-once", "cut-3", "half-json", "length", "ignores-schema", "wants-prompt",
        "repairs", "think", "reasoning", "reasons", "no-finish", "lies-length", "html", "huge",
        "bad-utf8", "error-event", "empty", "echo", "unauthorized", "librarian",
        "clerk", "clerk-breaks",
        *(f"interviewer-{how}" for how in ("good", "silent", "alarms", *EVIL)),
    ]  # fmt: skip


async def pieces(model: str, asked: dict[str, Any]) -> AsyncIterator[Piece]:
    """The answer of ``model`` to the body of a request for chat completions."""
    name, _, tail = model.partition("-")
    number = float(tail) if tail.replace(".", "").isdigit() else 0.0
    most = int(asked.get("max_tokens") or asked.get("max_completion_tokens") or 16)
    if name in ("pace", "flat", "slow"):
        for piece in _words(most, 0.0 if name == "flat" else _between(name, number)):
            yield piece
        yield Piece(finish="stop")
        return
    if name in ("hang", "cut"):
        for piece in _words(int(number), 0.0):
            yield piece
        yield Piece(wait=3600) if name == "hang" else Piece(cut=True)
        return
    for piece in _scripted(model, asked, most):
        yield piece


def _between(name: str, number: float) -> float:
    """Seconds between two words: ``pace-40`` says 40 a second, ``slow-2`` one each 2 seconds."""
    return 1 / number if name == "pace" else number


def _words(count: int, seconds: float) -> list[Piece]:
    first = FIRST_SECONDS if 0 < seconds < 0.5 else seconds
    return [
        Piece(WORDS[at % len(WORDS)] + " ", wait=first if at == 0 else seconds)
        for at in range(count)
    ]


def _scripted(model: str, asked: dict[str, Any], most: int) -> list[Piece]:
    schema = schema_of(asked)
    good = json.dumps(example(schema), ensure_ascii=False) if schema else "It is high."
    told = "".join(str(message.get("content")) for message in asked.get("messages", []))
    stop = Piece(finish="stop")
    match model:
        case "half-json":
            return [Piece(good[: len(good) // 2]), stop]
        case "length" | "lies-length":
            text = good[: len(good) // 2] if model == "length" else good
            return [Piece(text), Piece(finish="length")]
        case "ignores-schema":
            return [Piece(BROKEN), stop]
        case "wants-prompt":
            wanted = '"properties"' in told
            return [Piece(json.dumps(example(_in(told))) if wanted else BROKEN), stop]
        case "repairs":
            again = len(asked.get("messages", [])) > 2
            return [Piece(json.dumps(example(schema or _in(told))) if again else BROKEN), stop]
        case "think":
            inside = ["<thi", "nk>The patient", " may bleed.</th", "ink>\n\n", good]
            return [*map(Piece, inside), stop]
        case "reasoning" | "reasons":
            return [Piece(reasoning="The patient may bleed."), Piece(good), stop]
        case "no-finish":
            return [Piece(good)]
        case "huge":
            return [Piece("potassium " * 400) for _ in range(20_000)]
        case "bad-utf8":
            line = b'data: {"choices":[{"index":0,"delta":{"content":"\xff\xfe\xc3"}}]}\n\n'
            return [Piece(raw=line), stop]
        case "error-event":
            return [Piece(raw=b'data: {"error":{"message":"out of memory","code":500}}\n\n')]
        case "empty":
            return [stop]
        case "echo":
            return [Piece(json.dumps(asked["messages"], ensure_ascii=False)), stop]
        case _ if model.startswith("interviewer-"):
            said = interviewer(model.partition("-")[2], told)
            return [Piece(json.dumps(said, ensure_ascii=False)), stop]
        case "clerk" | "clerk-breaks":
            return clerk(told, breaks=model != "clerk")
        case "librarian":
            return [Piece(json.dumps(_quoting(told), ensure_ascii=False)), stop]
        case _:
            return [*(Piece(part) for part in _split(good, most)), stop]


def clerk(told: str, *, breaks: bool) -> list[Piece]:
    """Words each fact of a record's section by itself in pieces that cut through the words, adds a
    sentence that no fact bears out, and with ``breaks`` never comes to an end."""
    facts = re.findall(r"^(\d+)\. \[(\w+), (\w+)\] (.+)$", told, re.MULTILINE)
    said = [
        {"text": f"{'无' if status == 'denied' else ''}{value}", "facts": [int(number)]}
        for number, _, status, value in facts
    ]
    said.insert(1, {"text": "体温39.9℃，给予头孢克肟", "facts": [1]})
    text = json.dumps({"sentences": said}, ensure_ascii=False)
    size = 7
    cut = [Piece(text[at : at + size], wait=0.002) for at in range(0, len(text), size)]
    return [*cut[: len(cut) // 2], Piece(cut=True)] if breaks else [*cut, Piece(finish="stop")]


def _split(text: str, most: int) -> list[str]:
    size = max(1, len(text) // 8)
    return [text[at : at + size] for at in range(0, len(text), size)]


def _quoting(told: str) -> dict[str, Any]:
    """Says the first sentence of the first passage as it stands, and one that nobody wrote."""
    lines = told.partition("\n[1] ")[2].splitlines()[1:]
    words = lines[0].lstrip("- ").partition("[")[0] if lines else ""
    quotes = [{"source": "1", "words": words}]
    invented = "All patients should stay for 99 days."
    return {"sentences": [{"text": words, "quotes": quotes}, {"text": invented, "quotes": quotes}]}


def schema_of(asked: dict[str, Any]) -> dict[str, Any] | None:
    """The schema that a request asks for in the form of OpenAI."""
    wanted = asked.get("response_format") or {}
    return wanted.get("json_schema", {}).get("schema") if isinstance(wanted, dict) else None


def _in(told: str) -> dict[str, Any]:
    """The first JSON schema that stands in the messages."""
    at = told.find('{"')
    while at >= 0:
        try:
            found, _ = json.JSONDecoder().raw_decode(told[at:])
        except ValueError:
            found = None
        if isinstance(found, dict) and "properties" in found:
            return found
        at = told.find('{"', at + 1)
    return {}


def example(schema: dict[str, Any]) -> Any:
    """A value that the schema allows, for the plain schemas that tests use."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: example(one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {"type": "string"}))] * max(
            1, schema.get("minItems", 1)
        )
    return {
        "string": "x" * max(1, schema.get("minLength", 1)),
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": True,
    }.get(kind if isinstance(kind, str) else kind[0])
