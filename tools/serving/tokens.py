"""A small byte-level tokenizer, learnt from the texts of this repository.

Byte-pair encoding over bytes: Sennrich, Haddow and Birch, "Neural Machine Translation of Rare
Words with Subword Units", ACL 2016; the printable stand-ins of bytes are those of GPT-2.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BEGIN, END = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
SPECIAL = (BEGIN, END, "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>")
"""The marks of DeepSeek's models, by the numbers 0 to 5."""

WORDS = r"\p{N}{1,3}|[一-龥]+| ?\p{L}+|\s+|."
PIECES = re.compile(r" ?[^\W\d_\u4e00-\u9fff]+|[\u4e00-\u9fff]+|\d{1,3}|\s+|[^\w\s]|_")


def stand_ins() -> dict[int, str]:
    """A printable sign for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {b: chr(256 + i) for i, b in enumerate(rest)}


@dataclass(frozen=True)
class Tokenizer:
    """``words`` by their numbers, the special ones first; ``merges`` in their order."""

    words: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    def whole(self, number: int) -> bool:
        """Whether a token is text by itself, and not a part of one sign or a mark."""
        if number < len(SPECIAL):
            return False
        byte = {sign: byte for byte, sign in stand_ins().items()}
        raw = bytes(byte[sign] for sign in self.words[number])
        try:
            return raw.decode().isprintable()
        except UnicodeDecodeError:
            return False


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """A vocabulary of ``size`` tokens. The same texts give the same one."""
    sign = stand_ins()
    counts = Counter(piece for text in texts for piece in PIECES.findall(text))
    words = [[sign[byte] for byte in piece.encode()] for piece in counts]
    weights = list(counts.values())
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number in range(len(words)):
        _count(words[number], weights[number], number, pairs, where)
    merges: list[tuple[str, str]] = []
    learnt = [*SPECIAL, *(sign[byte] for byte in range(256))]
    known = set(learnt)
    while len(learnt) < size and pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        if (word := "".join(best)) not in known:
            known.add(word)
            learnt.append(word)
        for number in sorted(where[best]):
            _count(words[number], -weights[number], number, pairs, where)
            words[number] = _merged(words[number], best)
            _count(words[number], weights[number], number, pairs, where)
        del pairs[best]
    return Tokenizer(tuple(learnt), tuple(merges))


def _count(
    word: Sequence[str],
    weight: int,
    number: int,
    pairs: Counter[tuple[str, str]],
    where: defaultdict[tuple[str, str], set[int]],
) -> None:
    for pair in zip(word, word[1:], strict=False):
        pairs[pair] += weight
        if weight > 0:
            where[pair].add(number)


def _merged(word: Sequence[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(word):
        if tuple(word[at : at + 2]) == pair:
            out.append("".join(pair))
            at += 2
        else:
            out.append(word[at])
            at += 1
    return out
