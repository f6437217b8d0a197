"""Explains a candidate: what speaks for and against it, how strongly, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from countersign.ground.reasoning.candidate import Weight
from countersign.kit.words import Words

from . import telling
from .features import Case
from .knowledge import Knowledge
from .matching import Kind, Matching

MISSING = 5
"""Terms to look for next; more would not be read."""

GENE_SEEN, GENES = 0.8, 20_000
"""Taken: in four of five patients the variant is in the list given, of about 20,000 genes."""


def gene_ratio(given: int) -> float:
    """The likelihood ratio of a gene being in a list of so many, for a disease tied to it."""
    return max(1.0, GENE_SEEN * GENES / max(1, given))


def no_gene_ratio(given: int) -> float:
    """The same where none of the disease's genes is in the list."""
    return (1 - GENE_SEEN) / (1 - min(0.5, given / GENES))


@dataclass(frozen=True, slots=True)
class Explaining:
    """``label`` says a term in both languages; ``source`` names the release that is cited.

    ``below`` remembers, for one ranking, what stands under each term.
    """

    known: Knowledge
    matching: Matching
    label: Callable[[str], Words]
    source: str
    below: dict[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])

    def weights(self, case: Case, disease: int, genes: frozenset[str]) -> tuple[Weight, ...]:
        """The most telling first, whether for or against."""
        found = [self._present(term, disease) for term in case.present]
        found += [w for term in case.absent if (w := self._absent(term, disease)) is not None]
        for gene in sorted(genes.intersection(self.known.genes[disease])):
            why = telling.gene_linked(gene)
            found.append(Weight(f"gene:{gene}", gene_ratio(len(genes)), why, self.source))
        return tuple(sorted(found, key=lambda one: (-abs(math.log(one.ratio)), one.term)))

    def missing(self, case: Case, disease: int) -> tuple[str, ...]:
        """Terms of the disease that nobody has looked for, nor anything above or below them."""
        known = self.known
        touched = set[int](case.present) | set[int](case.absent)
        above = {one for term in touched for one in known.above.of(term)[0].tolist()}
        terms, shares = known.annotated.of(disease)
        open_ones: list[tuple[float, str]] = [
            (-float(share) * float(known.information[term]), known.terms[term])
            for term, share in zip(terms.tolist(), shares.tolist(), strict=True)
            if term not in above and touched.isdisjoint(known.above.of(term)[0].tolist())
        ]
        return tuple(term for _, term in sorted(open_ones)[:MISSING])

    def _present(self, term: int, disease: int) -> Weight:
        match = self.matching.match(term)
        shared = self.matching.shared(term, disease)
        if shared is None or match.wide[disease] <= -2.0:
            return self._weight(term, math.exp(-2.0), telling.NOT_DESCRIBED)
        at, kind = shared
        source, how_often = self._how_often(at, disease)
        named = source if kind is Kind.NARROWER else at
        why = telling.supports(kind, self.label(self.known.terms[named]), how_often)
        return self._weight(term, math.exp(float(match.wide[disease])), why)

    def _absent(self, term: int, disease: int) -> Weight | None:
        match = self.matching.match(term)
        if match.kind[disease] == Kind.ANCESTOR:
            return None
        usual = math.exp(-match.asked)
        ratio = (1 - 0.95 * float(match.share[disease])) / max(0.05, 1 - usual)
        if ratio >= 1:
            return None
        _, how_often = self._how_often(term, disease)
        return self._weight(term, ratio, telling.speaks_against(how_often))

    def _how_often(self, term: int, disease: int) -> tuple[int, Words]:
        """The annotation at or below ``term`` that gives it the highest share, and that share."""
        known = self.known
        terms, shares = known.annotated.of(disease)
        begin = int(known.annotated.at[disease])
        below = self.below.get(term)
        if below is None:
            below = self.below[term] = frozenset(known.below.of(term)[0].tolist())
        best = max(
            (
                (float(share), -row, row)
                for row, (one, share) in enumerate(zip(terms.tolist(), shares, strict=True))
                if one in below
            ),
            default=(0.0, 0, 0),
        )
        row = best[2]
        return int(terms[row]), telling.seen(best[0], int(known.counted[begin + row]))

    def _weight(self, term: int, ratio: float, why: Words) -> Weight:
        return Weight(self.known.terms[term], ratio, why, self.source)


def both_labels(english: Mapping[str, str], chinese: Mapping[str, str]) -> Callable[[str], Words]:
    """Labels of a term in both languages, the English one where there is no Chinese."""
    return lambda term: Words(english[term], chinese.get(term, english[term]))


def told_apart(information: Sequence[float]) -> bool:
    """Whether findings together are rarer than one in four and a half (1.5 nats) of diseases."""
    return sum(information) >= 1.5
