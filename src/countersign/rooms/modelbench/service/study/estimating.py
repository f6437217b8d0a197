"""The planner for people: an estimate for what is not there, beside the error on what is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.imports import Imported
from countersign.rooms.modelbench.domain.planner import (
    QUANTISATIONS,
    Architecture,
    Calibration,
    Estimate,
    Hardware,
    Measurement,
    Shape,
    TooSmall,
    calibrated,
    estimate,
)
from countersign.rooms.modelbench.domain.study.plan import ServiceLevel
from countersign.rooms.modelbench.domain.study.pricing import Cost, Prices, cost
from countersign.rooms.modelbench.store import architectures, hardware, published

from .reading import Result

QUIET = 0.3
"""Answers under way at once, by Little's law, up to which a load counts as one user alone."""


class BadWish(CountersignError):
    code = "planner.bad_wish"
    status = 422
    message = "The planner knows no {field} like that. Choose one from its list."


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be estimated."""

    model: str = "deepseek-v3"
    quantisation: str = "fp8"
    hardware: str = "h20"
    cards: int = 8
    prompt: int = 800
    output: int = 200
    first_token: float = 1.5
    per_token: float = 0.06
    daily: int = 3000


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer of the planner: ``estimate`` None with ``refused`` where it does not fit."""

    wish: Wish
    architecture: Architecture
    card: Hardware
    estimate: Estimate | None
    refused: TooSmall | None
    cost: Cost | None
    keeps: bool


def planned(wish: Wish, prices: Prices) -> Planned:
    """The estimate of one wish. Raises BadWish."""
    model, card = architectures().get(wish.model), hardware().get(wish.hardware)
    width = QUANTISATIONS.get(wish.quantisation)
    if model is None:
        raise BadWish(field="model")
    if card is None:
        raise BadWish(field="hardware")
    if width is None:
        raise BadWish(field="quantisation")
    shape = Shape(wish.prompt, wish.output)
    try:
        found = estimate(model, width, card, wish.cards, shape, wish.first_token, wish.per_token)
    except TooSmall as refused:
        return Planned(wish, model, card, None, refused, None, keeps=False)
    keeps = found.first_token_seconds <= wish.first_token and found.token_seconds <= wish.per_token
    money = cost(
        prices, wish.hardware, wish.cards, found.requests_a_second, wish.output, wish.daily
    )
    return Planned(wish, model, card, found, None, money if keeps else None, keeps)


EXAMPLES: tuple[Wish, ...] = (
    Wish("deepseek-v3", "fp8", "h20", 8),
    Wish("deepseek-v3", "int8", "ascend-910b", 16),
    Wish("llama-70b", "bf16", "a100-80", 2),
    Wish("llama-70b", "int8", "l20", 4),
    Wish("qwen2.5-32b", "int8", "h20", 1),
    Wish("qwen2.5-14b", "int8", "l20", 1),
    Wish("qwen2.5-14b", "int4", "rtx-4090", 1),
)
"""Configurations that hospitals ask about, all at the same shape and level."""


def calibration(
    results: Iterable[Result], imports: Iterable[tuple[str, Imported, str, str, str, int]]
) -> Calibration:
    """The roofline beside every measurement: published, of our studies, and imported.

    An import is its label, its content, and the model, quantisation, hardware and cards that a
    person named for it.
    """
    measured = [*published()]
    for result in results:
        measured += _of_study(result)
    for label, one, model, width, card, cards in imports:
        if one.alone_token is None and one.alone_first_token is None:
            continue
        measured.append(
            Measurement(
                label=label,
                model=model,
                quantisation=width,
                hardware=card,
                cards=cards,
                shape=Shape(int(one.prompt_tokens or 512), int(one.output_tokens or 128)),
                first_token=one.alone_first_token,
                per_token=one.alone_token,
                origin="imported",
                source=f"{one.tool} {one.version}".strip(),
            )
        )
    return calibrated(measured, architectures(), hardware())


def _of_study(result: Result) -> list[Measurement]:
    """The lowest step of each configuration, where it was near idle."""
    level: ServiceLevel = result.plan.level
    found: list[Measurement] = []
    for row in result.rows:
        if not row.steps or row.imported:
            continue
        step = min(row.steps, key=lambda one: one.rate)
        if not step.within(level) or step.request_throughput * step.e2el_p95 > QUIET:
            continue
        one = row.configuration
        found.append(
            Measurement(
                label=one.label,
                model=one.like,
                quantisation=one.quantisation,
                hardware=one.hardware,
                cards=one.cards,
                shape=Shape(result.plan.load.prompt_tokens, result.plan.load.output_tokens),
                first_token=step.ttft_p50,
                per_token=step.tpot_p50,
                origin="measured",
                source=result.study.title,
            )
        )
    return found
