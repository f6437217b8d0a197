"""Makes a ladder: trains each rung, calibrates it, chooses thresholds, asks the frozen set once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.cascade import (
    NEVER,
    Answers,
    Choice,
    Ints,
    Linear,
    Rules,
    calibration_error,
    choose,
    difference,
    fit,
    hard,
    proposed,
    right,
    route,
    train,
)
from countersign.rooms.modelbench.inference import Ladder, Made, Network

from .lesson import NEEDS_EXTRA, Examined, Lesson, Outcome

TRIALS = ((0.5, 0.0, 0.0), (0.3, 0.2, 0.0), (0.5, 0.0, 0.5), (0.3, 0.2, 0.5))
"""Of the linear rung: rate of learning, share of n-grams left out, weight of soft labels."""
HOUR = 3600.0


def extra_installed() -> bool:
    """Whether the ``train`` extra is here, without loading any of it."""
    try:
        return bool(version("torch") and version("onnx"))
    except PackageNotFoundError:
        return False


def make(lesson: Lesson) -> Outcome:
    """The whole ladder. Rungs that need the extra are left out where it is not installed."""
    chance = np.random.default_rng(lesson.seed)
    rungs = [_calibrated(name, lesson, chance) for name in lesson.rungs if _can(name)]
    told = [_answers(rung, lesson.valid.texts, lesson) for rung in rungs]
    teacher = _teacher(lesson, lesson.valid)
    choice = choose([*told, teacher], lesson.valid.truth, chance)
    kept = [
        Made(rung.name, rung.runs, rung.calibration, least)
        for rung, least in zip(rungs, choice.thresholds, strict=True)
    ]
    ladder = Ladder(lesson.labels, tuple(kept))
    return _examined(lesson, ladder, told, choice, chance)


def linear(lesson: Lesson, chance: np.random.Generator) -> Linear:
    """The best on the validation part of several trials."""
    count, found = len(lesson.labels), list[tuple[float, Linear]]()
    certain, seed = hard(lesson.hard, count), int(chance.integers(2**32))
    for rate, drop, soft in TRIALS:
        target = certain
        if soft:
            if lesson.soft is None:
                continue
            target = np.asarray((1 - soft) * certain + soft * lesson.soft, np.float32)
        one = train(
            lesson.texts,
            target,
            np.random.default_rng(seed),
            rate=rate,
            drop=drop,
        )
        said = one.scores(lesson.valid.texts).argmax(axis=1)
        found.append((float((said == lesson.valid.truth).mean()), one))
    return max(found, key=lambda each: each[0])[1]


def _can(name: str) -> bool:
    return name not in NEEDS_EXTRA or extra_installed()


def _calibrated(name: str, lesson: Lesson, chance: np.random.Generator) -> Made:
    if name == "rule":
        return Made(name, proposed(lesson.texts, lesson.hard, len(lesson.labels)), None)
    runs = linear(lesson, chance) if name == "linear" else _transformer(lesson, chance)
    return Made(name, runs, fit(runs.scores(lesson.valid.texts), lesson.valid.truth))


def _transformer(lesson: Lesson, chance: np.random.Generator) -> Network:
    """Loaded here and nowhere else: the tensor library stays in the process that trains."""
    from .network import eight_bits, graph, learn

    labels = hard(lesson.hard, len(lesson.labels))
    learnt = learn(lesson.texts, labels, lesson.soft, int(chance.integers(2**31)))
    return Network(eight_bits(graph(learnt)), learnt.signs)


def _answers(rung: Made, texts: Sequence[str], lesson: Lesson) -> Answers:
    """What it says, and what one item costs by the processor's own time."""
    rung.answers(texts[:1])
    began = time.process_time()
    labels, said = rung.answers(texts)
    each = (time.process_time() - began) / max(len(texts), 1)
    return Answers(rung.name, labels, said, each / HOUR * lesson.core_hour)


def _teacher(lesson: Lesson, part: Examined) -> Answers:
    sure = np.ones(len(part.texts), np.float32)
    return Answers("teacher", part.teacher, sure, lesson.answer)


def _examined(
    lesson: Lesson,
    ladder: Ladder,
    valid: Sequence[Answers],
    choice: Choice,
    chance: np.random.Generator,
) -> Outcome:
    """The frozen set, looked at once with everything already chosen."""
    frozen = lesson.frozen
    told = [
        Answers(rung.name, *rung.answers(frozen.texts), before.cost)
        for rung, before in zip(ladder.rungs, valid, strict=True)
    ]
    top = _teacher(lesson, frozen)
    routed = route([*told, top], choice.thresholds)
    ours, theirs = right(routed.labels, frozen.truth), right(top.labels, frozen.truth)
    apart = difference(ours, theirs, chance)
    passed = np.flatnonzero(routed.by == len(told))
    saves = len(told) > 0 and routed.share(len(told)) < 1
    guess = right(np.full(len(frozen.truth), np.bincount(frozen.truth).argmax()), frozen.truth)
    knows = difference(theirs, guess, chance).low > 0
    why = _refused(saves=saves and choice.held, knows=knows, holds=apart.not_inferior())
    report: JSON = {
        "learnt_from": len(lesson.texts),
        "valid": len(lesson.valid.texts),
        "frozen": len(frozen.texts),
        "refused": why,
        "guess": _share(guess),
        "teacher": _share(theirs),
        "ladder": _share(ours),
        "difference": [round(one, 5) for one in (apart.mean, apart.low, apart.high)],
        "cost_ratio": round(routed.mean_cost / top.cost, 4) if top.cost else None,
        "passed": round(routed.share(len(told)), 4),
        "rungs": [
            _rung(rung, answers, routed.share(number), frozen.truth)
            for number, (rung, answers) in enumerate(zip(ladder.rungs, told, strict=True))
        ],
        "left_out": [name for name in lesson.rungs if not _can(name)],
    }
    return Outcome(ladder.packed(), report, not why, tuple(int(row) for row in passed[:12]))


def _refused(*, saves: bool, knows: bool, holds: bool) -> str:
    """Why it may not go live, as a code; empty where it may."""
    if not knows:
        return "teacher-guesses"
    if not saves:
        return "nothing-saved"
    return "" if holds else "inferior"


def _rung(rung: Made, answers: Answers, share: float, truth: Ints) -> dict[str, Any]:
    spoke = answers.labels >= 0
    good = right(answers.labels, truth)
    sure = spoke & (answers.confidence >= rung.threshold)
    return {
        "name": rung.name,
        "used": rung.threshold < NEVER,
        "threshold": round(float(rung.threshold), 4),
        "method": str(rung.calibration.method) if rung.calibration else "counted",
        "answered": round(share, 4),
        "accuracy": _share(good[spoke]),
        "accuracy_where_sure": _share(good[sure]),
        "calibration_error": round(calibration_error(answers.confidence[spoke], good[spoke]), 4),
        "cost": answers.cost,
        "phrases": len(rung.runs.phrases) if isinstance(rung.runs, Rules) else 0,
    }


def _share(good: Any) -> float | None:
    return round(float(good.mean()), 5) if len(good) else None
