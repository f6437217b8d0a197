"""Holds the roofline beside what was measured: no estimate without its known error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .architecture import QUANTISATIONS, Architecture
from .hardware import Hardware
from .roofline import Shape, TooSmall, estimate


@dataclass(frozen=True, slots=True)
class Measurement:
    """One user on an idle server, as measured here, imported, or published with its source.

    Seconds; None for what was not measured. ``fitted`` is whether a constant of the model was set
    by it: its error is then no evidence.
    """

    label: str
    model: str
    quantisation: str
    hardware: str
    cards: int
    shape: Shape
    first_token: float | None
    per_token: float | None
    origin: str
    source: str
    fitted: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Predicted beside measured; errors are predicted / measured - 1, None where unknown.

    ``refused`` says that the model holds it to be impossible.
    """

    measurement: Measurement
    first_token: float | None
    per_token: float | None
    first_token_error: float | None
    per_token_error: float | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """Every comparison, and the typical size of the error: a factor, 1.3 means 30 % either way.

    Factors are geometric means of max(p/m, m/p) over measurements that fitted nothing; None while
    there is none.
    """

    rows: tuple[Compared, ...]
    first_token_factor: float | None
    per_token_factor: float | None


def calibrated(
    measured: Sequence[Measurement],
    models: Mapping[str, Architecture],
    cards: Mapping[str, Hardware],
) -> Calibration:
    """All comparisons whose model and hardware are known here."""
    rows = tuple(
        _compared(one, models[one.model], cards[one.hardware])
        for one in measured
        if one.model in models and one.hardware in cards and one.quantisation in QUANTISATIONS
    )
    fair = [row for row in rows if not row.measurement.fitted]
    return Calibration(
        rows,
        _typical([row.first_token_error for row in fair]),
        _typical([row.per_token_error for row in fair]),
    )


def _compared(one: Measurement, model: Architecture, card: Hardware) -> Compared:
    try:
        found = estimate(model, QUANTISATIONS[one.quantisation], card, one.cards, one.shape)
    except TooSmall:
        return Compared(one, None, None, None, None, refused=True)
    return Compared(
        one,
        found.alone_first_token,
        found.alone_token,
        _error(found.alone_first_token, one.first_token),
        _error(found.alone_token, one.per_token),
    )


def _error(predicted: float, measured: float | None) -> float | None:
    return None if measured is None or measured <= 0 else predicted / measured - 1


def _typical(errors: Sequence[float | None]) -> float | None:
    known = [abs(math.log1p(one)) for one in errors if one is not None and one > -1]
    return math.exp(sum(known) / len(known)) if known else None
