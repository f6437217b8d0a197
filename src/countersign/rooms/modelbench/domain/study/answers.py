"""Finds what a model's text says, without guessing: what cannot be read counts as wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"```[a-z]*\n?|```")
_SAID = re.compile(
    r"(?:final answer|correct answer|answer|答案|选择|选项|结论)"
    r"\s*(?:is|are|为|是|：|:|=)*\s*[\*\(（\[【\"'“]*\s*",
    re.IGNORECASE,
)
_EDGE = " \t\r\n.。,，;；:：!！\"'“”‘’()（）[]【】*#`"


def plain(text: str) -> str:
    """The answer alone: without what was thought aloud, fences and full-width signs."""
    return _FENCE.sub("", _THOUGHT.sub("", unicodedata.normalize("NFKC", text))).strip()


def letter(text: str, letters: Sequence[str]) -> str | None:
    """The one letter that the answer names: alone, after “answer is”, or at its very start.

    None where there is none, or where two sentences name two different ones.
    """
    said, known = plain(text), {one.upper() for one in letters}
    alone = said.strip(_EDGE).upper()
    if alone in known:
        return alone
    named = {
        found
        for mark in _SAID.finditer(said)
        if (found := _first_letter(said[mark.end() :])) in known
    }
    if named:
        return named.pop() if len(named) == 1 else None
    begins = _first_letter(said.lstrip(_EDGE))
    return begins if begins in known else None


def _first_letter(text: str) -> str:
    """A single capital at the start that no other letter follows."""
    found = re.match(r"([A-Za-z])(?![A-Za-z'’])", text)
    if found is None:
        return ""
    # "A patient …" begins with an article, not with an answer.
    after = text[1:3]
    if found[1] in "Aa" and re.match(r"\s[a-z]", after):
        return ""
    return found[1].upper()


def label(text: str, labels: Sequence[str]) -> str | None:
    """The one label that the answer names, the whole answer or its first or last line.

    A label inside a longer label does not count beside it. None where there is no single one.
    """
    said = plain(text)
    exact = {one.casefold(): one for one in labels}
    lines = [line.strip(_EDGE) for line in said.splitlines() if line.strip(_EDGE)]
    for line in (said.strip(_EDGE), *(lines[:1]), *(lines[-1:])):
        if line.casefold() in exact:
            return exact[line.casefold()]
        after = _SAID.sub("", line, count=1).strip(_EDGE).casefold()
        if after in exact:
            return exact[after]
    for line in (*(lines[-1:]), *(lines[:1])):
        named = _named(line, labels)
        if len(named) == 1:
            return named[0]
    return None


def _named(line: str, labels: Sequence[str]) -> list[str]:
    folded = line.casefold()
    found: list[str] = []
    for one in sorted(labels, key=len, reverse=True):
        pattern = re.escape(one.casefold())
        if one.isascii():
            pattern = rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"
        if re.search(pattern, folded):
            found.append(one)
            folded = re.sub(pattern, " ", folded)
    return found


def parts(text: str) -> list[str]:
    """Terms of an enumeration, in any of the signs that part them, without repeats."""
    found = re.split(r"##|[、,，;；\n|]+", text)
    cleaned = (re.sub(r"^\s*(?:\d+[.)、]|[-*•])\s*", "", one).strip(_EDGE) for one in found)
    return list(dict.fromkeys(one for one in cleaned if one))


def field_of(text: str, names: Sequence[str], others: Sequence[str]) -> str | None:
    """What stands after one of ``names`` and a colon, up to one of ``others``; None if absent."""
    said = plain(text)
    start = re.search(rf"(?:{'|'.join(map(re.escape, names))})\s*[】\]*]*\s*[:：]\s*", said)
    if start is None:
        return None
    rest = said[start.end() :]
    end = re.search(rf"[\s*【\[]*(?:{'|'.join(map(re.escape, others))})\s*[】\]*]*\s*[:：]", rest)
    return rest[: end.start()] if end else rest
