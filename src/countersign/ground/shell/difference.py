"""Shows a reader which words a person changed between a draft and the signed text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "out", "in"]

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_\u2e80-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL)
_MOST_TOKENS = 3000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed, was taken out or was put in."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The pieces that lead from ``before`` to ``after``.

    Chinese is compared by character, other scripts by word. A number is never split: a
    dose that went from 5 to 50 must not read as an unchanged 5 with a 0 behind it.
    """
    pieces: list[Piece] = []
    for kind, old, new in _changes(before.splitlines(True), after.splitlines(True)):
        if kind == "same":
            pieces.append(Piece("same", "".join(old)))
        else:
            pieces.extend(_within("".join(old), "".join(new)))
    return _joined(pieces)


def _within(before: str, after: str) -> list[Piece]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) > _MOST_TOKENS or len(new) > _MOST_TOKENS:
        return [Piece("out", before), Piece("in", after)]
    pieces: list[Piece] = []
    for kind, gone, come in _changes(old, new):
        if kind == "same":
            pieces.append(Piece("same", "".join(gone)))
        else:
            pieces += [Piece("out", "".join(gone)), Piece("in", "".join(come))]
    return _without_islands(pieces)


def _changes(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[Kind, Sequence[str], Sequence[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        yield ("same" if tag == "equal" else "out"), old[i:j], new[k:m]


def _without_islands(pieces: list[Piece]) -> list[Piece]:
    """Takes a blank between two changes into both of them, so that phrases stay whole."""
    result: list[Piece] = []
    for index, piece in enumerate(pieces):
        inner = 0 < index < len(pieces) - 1
        if piece.kind == "same" and inner and piece.text.isspace() and "\n" not in piece.text:
            result += [Piece("out", piece.text), Piece("in", piece.text)]
        else:
            result.append(piece)
    return result


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring changes as one removal followed by one insertion."""
    result: list[Piece] = []
    out = put = ""
    for piece in [*pieces, Piece("same", "")]:
        if piece.kind == "out":
            out += piece.text
        elif piece.kind == "in":
            put += piece.text
        else:
            result += [Piece(kind, text) for kind, text in _both(out, put) if text]
            out = put = ""
            if piece.text and result and result[-1].kind == "same":
                result[-1] = Piece("same", result[-1].text + piece.text)
            elif piece.text:
                result.append(piece)
    return result


def _both(out: str, put: str) -> tuple[tuple[Kind, str], tuple[Kind, str]]:
    return ("out", out), ("in", put)
