"""Reads Markdown with front matter, and plain text."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import cast

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from . import normal
from .understood import Understood, Writing, finish

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.{0,65536}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_NUMBERED = re.compile(r"(第[一二三四五六七八九十百\d]+[章节篇]|[一二三四五六七八九十]+、)\s*\S")


def read_markdown(text: str) -> Understood:
    """CommonMark with tables; raw HTML in it is text. Raises NotUnderstood."""
    front, notes = dict[str, object](), list[str]()
    if (found := _FRONT.match(text)) is not None:
        text = text[found.end() :]
        known = _front(found[1])
        notes += [] if known is not None else ["front-matter"]
        front = known or {}
    writing = Writing()
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    _write(parser.parse(text.replace("\0", "")), writing)
    title = front.get("title")
    return finish(
        writing,
        title=normal.line(title) if isinstance(title, str) else "",
        front=front,
        notes=notes,
    )


def _write(tokens: list[Token], writing: Writing) -> None:
    depth, heading, cells = 0, 0, list[str]()
    in_row = False
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1])
            case "heading_close":
                heading = 0
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "tr_open":
                in_row, cells = True, []
            case "tr_close":
                in_row = False
                writing.add("row", normal.row(cells))
            case "inline":
                said = _plain(token)
                if in_row:
                    cells.append(said)
                elif heading:
                    writing.add("heading", normal.line(said), heading)
                else:
                    kind = "item" if depth else "paragraph"
                    writing.add(kind, normal.line(said), depth)
            case "fence" | "code_block":
                for line in token.content.splitlines():
                    writing.add("paragraph", normal.line(line))
            case _:
                pass


def _plain(token: Token) -> str:
    """The words of an inline token; an image says its description."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image" or child.content:
            parts.append(child.content)
    lines = "".join(parts).split("\n")
    said = ""
    for line in lines:
        said = normal.joined(said, line.strip())
    return said


def _front(raw: str) -> dict[str, object] | None:
    """The mapping between the dashes, with dates as text; None for anything else."""
    try:
        found = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    given = cast("dict[object, object]", found)
    budget = [2000]
    try:
        return {str(name)[:64]: _value(value, 4, budget) for name, value in given.items()}
    except ValueError:
        return None


def _value(value: object, depth: int, budget: list[int]) -> object:
    """Text, numbers and lists of them; an alias that is repeated spends the budget."""
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        raise ValueError("front matter is small")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:64]
    if isinstance(value, float | date | datetime):
        return str(value)
    if isinstance(value, str):
        return normal.line(value)[:2000]
    if isinstance(value, list):
        return [_value(one, depth - 1, budget) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {str(key)[:64]: _value(one, depth - 1, budget) for key, one in pairs}
    return None


def read_plain(text: str) -> Understood:
    """Paragraphs parted by empty lines; a short numbered line alone is a heading."""
    writing = Writing()
    for part in re.split(r"\n[ \t\r]*\n", text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if len(lines) == 1 and len(lines[0]) <= 40 and _NUMBERED.match(lines[0]):
            writing.add("heading", normal.line(lines[0]), 2)
            continue
        said = ""
        for line in lines:
            said = normal.joined(said, line)
        writing.add("paragraph", normal.line(said))
    return finish(writing)
