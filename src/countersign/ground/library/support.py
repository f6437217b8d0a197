"""Whether a sentence says what its quotes say: numbers, units, denials, drugs and sides agree.

It catches what was changed and words that nothing supports; it does not understand. A sentence
that passes is worded as its quotes are, which a person still reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from countersign.kit.words import Words

from .alignment import altered
from .drugs import Drugs
from .polarity import clauses, denials, plain, sides, turned
from .quantity import quantities
from .words import is_han, words

COVERED = 0.5
"""Share of a sentence's words that must stand in its quotes."""

ALIKE = 0.5
"""Share of a clause's words that the clause it is compared with must have."""


class Fault(StrEnum):
    """What in a sentence its quotes do not support."""

    NO_QUOTE = "no-quote"
    INVENTED = "invented"
    NUMBER = "number"
    DENIAL = "denial"
    DRUG = "drug"
    SIDE = "side"
    CONTRARY = "contrary"
    WORDS = "words"
    CHANGED = "changed"

    @property
    def words(self) -> Words:
        """What a person reads."""
        return _SAID[self]


_SAID = {
    Fault.NO_QUOTE: Words("It names no quote.", "没有给出引文。"),
    Fault.INVENTED: Words(
        "A quote does not stand word for word where it is said to.", "所引字句并不逐字见于所指处。"
    ),
    Fault.NUMBER: Words(
        "A number, its unit or its direction is not that of the quotes.",
        "数值、单位或大小方向与引文不符。",
    ),
    Fault.DENIAL: Words(
        "It affirms what the quotes deny, or denies what they affirm.", "肯定与否定同引文相反。"
    ),
    Fault.DRUG: Words("It names a drug that the quotes do not.", "所写药物未见于引文。"),
    Fault.SIDE: Words("It names another side of the body.", "左右侧与引文不符。"),
    Fault.CONTRARY: Words("It says the contrary of a word in the quotes.", "用词与引文含义相反。"),
    Fault.WORDS: Words("Most of its words are not in the quotes.", "多数字句未见于引文。"),
    Fault.CHANGED: Words("It changes a word of what it repeats.", "复述引文时改动了字词。"),
}


@dataclass(frozen=True, slots=True)
class Support:
    """``faults`` with what the sentence says there; a sentence without one is supported."""

    faults: tuple[tuple[Fault, str], ...]

    @property
    def supported(self) -> bool:
        """Whether nothing was found against it."""
        return not self.faults


def check_sentence(sentence: str, quotes: Sequence[str], drugs: Drugs | None = None) -> Support:
    """Compares a sentence with the words of its quotes, which ``check_quote`` found exact.

    A sentence in another language than its quotes is not supported: nobody checked it.
    """
    if not quotes or not any(quote.strip() for quote in quotes):
        return Support(((Fault.NO_QUOTE, sentence),))
    source = "\n".join(quotes)
    mine, theirs = plain(sentence), plain(source)
    changes = altered(mine, [plain(quote) for quote in quotes])
    faults = [
        *_numbers(sentence, source),
        *_drugs(sentence, source, drugs or Drugs()),
        *_clauses(mine, theirs),
        *_words(sentence, source),
        *((Fault.CHANGED, sentence if "#" in said else said) for said in changes),
    ]
    return Support(tuple(dict.fromkeys(faults)))


def _numbers(sentence: str, source: str) -> list[tuple[Fault, str]]:
    known = quantities(source)
    return [
        (Fault.NUMBER, sentence[one.start : one.end])
        for one in quantities(sentence)
        if not any(one.agrees(other) for other in known)
    ]


def _drugs(sentence: str, source: str, drugs: Drugs) -> list[tuple[Fault, str]]:
    known = drugs.named(source)
    said = drugs.named(sentence)
    return [(Fault.DRUG, name) for name in sorted(said) if not _named(name, known)]


def _named(name: str, known: frozenset[str]) -> bool:
    """Whether one of the known names is this one, an English plural allowed for."""
    return name in known or name.rstrip("s") in known or f"{name}s" in known


def _clauses(sentence: str, source: str) -> list[tuple[Fault, str]]:
    """Each clause beside the clauses of the source that it is nearest to."""
    known = [(clause, frozenset(words(clause))) for clause in clauses(source)]
    faults: list[tuple[Fault, str]] = []
    for clause in clauses(sentence):
        said = frozenset(words(clause))
        shares = [len(said & theirs) / max(len(said), 1) for _, theirs in known]
        best = max(shares, default=0.0)
        if best < ALIKE:
            continue
        nearest = [c for (c, _), share in zip(known, shares, strict=True) if share >= best - 0.01]
        faults += _against(clause, nearest)
    return faults


def _against(clause: str, nearest: Sequence[str]) -> list[tuple[Fault, str]]:
    faults: list[tuple[Fault, str]] = []
    if all((denials(clause) - denials(other)) % 2 for other in nearest):
        faults.append((Fault.DENIAL, clause))
    if sides(clause) and not any(sides(clause) <= sides(other) for other in nearest):
        faults.append((Fault.SIDE, clause))
    contrary = [turned(clause, other) for other in nearest]
    if all(contrary):
        faults.append((Fault.CONTRARY, contrary[0][0]))
    return faults


def _words(sentence: str, source: str) -> list[tuple[Fault, str]]:
    said = {word for word in words(sentence) if len(word) > 1 or not is_han(word)}
    missing = said.difference(words(source))
    if len(missing) > (1 - COVERED) * len(said):
        return [(Fault.WORDS, sentence)]
    coded = sorted(word for word in missing if _is_code(word))
    return [(Fault.CHANGED, word) for word in coded]


def _is_code(word: str) -> bool:
    """A word of letters and figures, such as a gene, an enzyme or a grade."""
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))
