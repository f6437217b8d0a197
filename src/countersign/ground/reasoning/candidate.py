"""What findings make likely: a diagnosis worth considering, and what speaks for and against it."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Weight:
    """How far one finding moves the odds of a diagnosis.

    ``ratio`` is the likelihood ratio (greater than 1 speaks for it); ``why`` says in both languages
    what it rests on ("in 3 of 4 published patients"); ``source`` names the annotation or the model
    with its version.
    """

    term: str
    ratio: float
    why: Words
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A diagnosis with its calibrated probability (0 to 1) among all that were considered.

    ``disease`` is ``OMIM:…``, ``ORPHA:…``, ``ICD10:…`` or ``local:…``; ``prior`` is the share of
    patients who have it before anything is known and ``prior_source`` where that is from;
    ``missing`` are terms not yet known that would move it most, the most telling first.
    ``supported`` marks a condition that must not be missed and that something present speaks for.
    """

    disease: str
    name: Words
    probability: float
    prior: float
    prior_source: str
    weights: tuple[Weight, ...]
    missing: tuple[str, ...]
    cannot_miss: bool = False
    supported: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, the likeliest first; ``unanswerable`` says why these data allow no answer.

    ``silent`` names the conditions that must not be missed and that nothing so far speaks for.
    """

    candidates: tuple[Candidate, ...]
    unanswerable: Words | None = None
    silent: tuple[Words, ...] = ()
