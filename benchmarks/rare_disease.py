"""5,206 published rare-disease cases by phenotype alone, beside similarity of terms and others."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measured import Measured
from benchmarks.phenopackets import (
    Published,
    Removal,
    Removing,
    groups,
    held_apart,
    published,
)
from benchmarks.phenotype_fit import Example, example, fit, warmed
from benchmarks.phenotype_peers import cosine, resnik, told_elsewhere
from benchmarks.rare_disease_cases import case_of, halved, looked_at
from benchmarks.shared import FOLDER
from countersign.ground.reasoning.phenotypes import RareDiseases
from countersign.ground.reasoning.phenotypes.features import NAMES, Case
from countersign.ground.reasoning.phenotypes.fusion import Fusion
from countersign.ground.reasoning.phenotypes.matching import NOTHING_ALTERED
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine

LABELS, TITLES = "diagnosis/hpo_zh_labels.csv.gz", "diagnosis/disease_names_zh.csv.gz"
MISS = 10**6
TIMED, SEED = 200, 20261126
EACH = 10
"""Every tenth case is ranked by the peers too, which take their time."""
PLAIN = NAMES.index("plain")


@dataclass(frozen=True)
class Judged:
    """Rank of the right disease in each case, and how likely the first one was said to be."""

    ranks: list[int]
    said: list[float]

    def tops(self, of: Sequence[bool] | None = None) -> list[float]:
        """Per cent of the cases in which it was first, among three, among ten."""
        held = [r for n, r in enumerate(self.ranks) if of is None or of[n]]
        return [round(100 * sum(r <= k for r in held) / len(held), 1) for k in (1, 3, 10)]

    def calibration_error(self) -> float:
        """Expected calibration error of the first candidate, in ten bins of equal width."""
        bins: dict[int, list[tuple[float, bool]]] = {}
        for said, rank in zip(self.said, self.ranks, strict=True):
            bins.setdefault(min(9, int(said * 10)), []).append((said, rank == 1))
        apart = (abs(sum(p for p, _ in one) - sum(hit for _, hit in one)) for one in bins.values())
        return sum(apart) / len(self.ranks)


def measure(data: Path | None) -> Measured:
    """No case is ranked by weights that were learnt from a case of its half."""
    folder = data or FOLDER
    cases = published(data)
    rare = RareDiseases.open(labels=folder / LABELS, names=folder / TITLES)
    engine = rare.engine()
    group = groups(cases)
    half = held_apart(cases, group)
    removing = Removing(engine.known, cases)
    ways = looked_at(engine, cases, group, removing, (Removal.OWN, Removal.COUNTED))
    learnt = {held: _learn(halved(ways, half, not held)) for held in (False, True)}
    answered = [engine.answerable(case_of(engine, one)) for one in cases]
    judged = {name: _judge(way, half, learnt, answered) for name, way in ways.items()}
    chinese = _from_chinese(rare, engine, cases, ways["all"])
    judged["zh"] = _judge(chinese, half, learnt, answered)
    plain = {name: _by_plain(ways[name]) for name in ("all", "own")}
    tenth = cases[::EACH]
    alike = {"cosine of information": cosine(engine, tenth), "Resnik": resnik(engine, tenth)}
    gone = [_nothing_left(engine, removing, one) for one in cases]
    strict = [MISS if lost else r for lost, r in zip(gone, judged["own"].ranks, strict=True)]
    p50, p95 = _pace(rare, cases)
    all_, own, counted = judged["all"].tops(), judged["own"].tops(), Judged(strict, []).tops()
    return Measured(
        columns=("way", "cases", "top-1 %", "top-3 %", "top-10 %"),
        rows=(
            ("all annotations", len(cases), *all_),
            ("  the half nothing was chosen on", sum(half), *judged["all"].tops(half)),
            ("own publication removed, nothing left is a miss", len(cases), *counted),
            ("  with those found by their entry in Orphanet", len(cases), *own),
            ("  the same in that half", sum(half), *judged["own"].tops(half)),
            ("  its patients taken off shared lines too", len(cases), *judged["counted"].tops()),
            ("from Chinese labels", len(cases), *judged["zh"].tops()),
            ("peer: likelihood ratios alone", len(cases), *plain["all"].tops()),
            ("  own publication removed", len(cases), *plain["own"].tops()),
            *((f"peer: {name}", len(r), *Judged(r, []).tops()) for name, r in alike.items()),
            *((f"published: {name}", *rest) for name, *rest in told_elsewhere(folder)),
        ),
        figures={
            "n": len(cases),
            **dict(zip(("top1", "top3", "top10"), all_, strict=True)),
            **dict(zip(("removed_top1", "removed_top3", "removed_top10"), counted, strict=True)),
            "zh_top1": judged["zh"].tops()[0],
            "p95_ms": round(p95, 1),
            "p50_ms": round(p50, 1),
            "removed_found_top1": own[0],
            "removed_found_top3": own[1],
            "removed_found_top10": own[2],
            "held_top1": judged["all"].tops(half)[0],
            "held_removed_top1": judged["own"].tops(half)[0],
            "ece": round(judged["all"].calibration_error(), 3),
            "removed_ece": round(judged["own"].calibration_error(), 3),
        },
        notes=_notes(cases, half, answered, gone, judged["own"].ranks, engine),
    )


def _learn(examples: Sequence[Example]) -> Fusion:
    return warmed(fit(examples), examples, "crossed")


def _judge(
    examples: Sequence[Example],
    half: Sequence[bool],
    learnt: dict[bool, Fusion],
    answered: Sequence[bool],
) -> Judged:
    ranks, said = list[int](), list[float]()
    for one, held, answer in zip(examples, half, answered, strict=True):
        if not answer or not len(one.looked.diseases):
            ranks.append(MISS)
            said.append(0.0)
            continue
        scores = learnt[held].scores(one.looked)
        ranks.append(_rank(scores, one.right))
        said.append(float(learnt[held].probabilities(scores).max()))
    return Judged(ranks, said)


def _rank(scores: np.ndarray, right: int) -> int:
    """Whatever ties with the right one stands before it."""
    return MISS if right < 0 else int((scores >= scores[right]).sum())


def _by_plain(examples: Sequence[Example]) -> Judged:
    return Judged([_rank(one.looked.values[:, PLAIN], one.right) for one in examples], [])


def _from_chinese(
    rare: RareDiseases, engine: Engine, cases: Sequence[Published], whole: Sequence[Example]
) -> list[Example]:
    """Every term said in Chinese and looked up again; what has no Chinese label is lost."""
    at = {one: number for number, one in enumerate(engine.known.diseases)}
    found: list[Example] = []
    for one, known in zip(cases, whole, strict=True):
        case = case_of(engine, one)
        said = Case(
            _again(rare, engine, case.present), _again(rare, engine, case.absent), case.person
        )
        if said == case:
            found.append(known)
        else:
            looked = engine.features.of(said, NOTHING_ALTERED)
            found.append(example(looked, at.get(one.disease, -1), known.group))
    return found


def _again(rare: RareDiseases, engine: Engine, terms: Sequence[int]) -> tuple[int, ...]:
    known = engine.known
    said = (rare.label(known.terms[one], "zh") for one in terms)
    told = (rare.term(one) for one in said if any("\u4e00" <= sign <= "\u9fff" for sign in one))
    return tuple(sorted({engine.place[one] for one in told if one is not None}))


def _nothing_left(engine: Engine, removing: Removing, one: Published) -> bool:
    known = engine.known
    altered = removing.without(one.publication, Removal.OWN)
    left = (
        not len(o.profile.terms) for at, o in altered.items() if known.diseases[at] == one.disease
    )
    return any(left)


def _pace(rare: RareDiseases, cases: Sequence[Published]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of a whole answer, 20 candidates explained."""
    chance = random.Random(SEED)
    chosen = chance.sample([one for one in cases if one.present], TIMED)
    rare.rank(chosen[0].findings())
    gc.collect()
    took: list[float] = []
    for one in chosen:
        begun = time.perf_counter()
        rare.rank(one.findings(), person=one.person)
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), sorted(took)[int(0.95 * TIMED)]


def _notes(
    cases: Sequence[Published],
    half: Sequence[bool],
    answered: Sequence[bool],
    gone: Sequence[bool],
    ranks: Sequence[int],
    engine: Engine,
) -> tuple[str, ...]:
    saved = sum(lost and r <= 10 for lost, r in zip(gone, ranks, strict=True))
    return (
        f"HPO {engine.known.ontology_release}, annotations {engine.known.annotation_release};"
        f" {int(engine.related.ranked.sum()):,} diseases are ranked, those of Orphanet without a"
        " counterpart in OMIM among them",
        "two halves by a hash of the disease, with all that share a disease or a publication in"
        f" one: {len(cases) - sum(half):,} and {sum(half):,}; each was ranked by what was learnt"
        " from the other; features and penalties were chosen on the first alone",
        f"removed: lines of hpoa whose reference is the case's PMID, in every disease; {sum(gone)}"
        f" cases then had no annotation of their disease left, {saved} of these were among the"
        " first ten by its entry in Orphanet",
        f"{sum(not one for one in answered)} cases that no answer was given to are misses",
        "the published figures are of the same cases, the publication not removed",
    )
