"""Puts rising load on a configuration's server, with arrivals as the plan says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.load import (
    Arrivals,
    Gamma,
    LoadPlan,
    LoadRequest,
    LoadResult,
    Poisson,
    Replay,
    Target,
)
from countersign.rooms.modelbench.domain.study.capacity import Step
from countersign.rooms.modelbench.domain.study.plan import Arrivals as Pattern
from countersign.rooms.modelbench.domain.study.plan import Configuration, Plan
from countersign.rooms.modelbench.store import shipped_arrivals
from countersign.rooms.modelbench.store.arrivals import SHIPPED

from .answering import Reached

LEAST = 8
"""Requests of one step at least: percentiles of fewer say nothing."""
BURSTINESS = 0.3
"""Shape of the pauses of bursty arrivals (vLLM's ``--burstiness``)."""
TOKENS_A_SENTENCE = 20
"""About what one of the sentences below takes; the server's own count is what is kept."""
SENTENCES = (
    "患者三天前无明显诱因出现咳嗽，咳少量白色黏痰，无发热。",
    "查体：双肺呼吸音清，未闻及干湿啰音，心律齐，腹软。",
    "既往高血压病史五年，规律口服氨氯地平，血压控制尚可。",
    "血常规：白细胞计数正常，中性粒细胞比例轻度升高。",
    "建议完善胸部影像学检查，必要时复查炎症指标。",
)
"""Invented, about nobody; what a load asks is never a patient's."""


class Generator(Protocol):
    """What puts load on a server; the room's load generator."""

    def run(self, plan: LoadPlan, target: Target, now: Callable[[], datetime]) -> LoadResult:
        """The load, measured."""
        ...


class Loading:
    """``folder`` may hold the hospital's recorded arrivals below ``arrivals/``."""

    def __init__(
        self, generator: Generator, now: Callable[[], datetime], folder: Path | None
    ) -> None:
        self._generator = generator
        self._now = now
        self._folder = folder

    def step(self, plan: Plan, of: Configuration, reached: Reached, rate: float) -> Step:
        """One step at ``rate`` requests a second. Raises EgressRefused, BadArrivals."""
        count = max(LEAST, round(rate * plan.load.seconds))
        arrivals = self._arrivals(plan, rate, count)
        if isinstance(arrivals, Replay):
            count = min(count, len(arrivals.times))
        load = LoadPlan(
            arrivals=arrivals,
            requests=_requests(plan, count),
            count=count,
            warm_up=1,
            each=plan.answer_seconds,
            seed=plan.seed,
        )
        target = Target(reached.url, of.model, reached.headers)
        return _step(rate, self._generator.run(load, target, self._now))

    @staticmethod
    def written(step: Step) -> JSON:
        """What is kept of a step."""
        return asdict(step)

    @staticmethod
    def restored(kept: Mapping[str, Any]) -> Step:
        """The inverse of ``written``."""
        return Step(**kept)

    def _arrivals(self, plan: Plan, rate: float, count: int) -> Arrivals:
        if plan.load.arrivals is Pattern.BURSTY:
            return Gamma(rate, BURSTINESS)
        if plan.load.arrivals is Pattern.RECORDED:
            times = shipped_arrivals(plan.load.recorded or SHIPPED, self._folder)
            busiest = _busiest(times, count)
            natural = (len(busiest) - 1) / max(busiest[-1], 1e-9)
            return Replay(busiest, rate / natural)
        return Poisson(rate)


def _busiest(times: tuple[float, ...], count: int) -> tuple[float, ...]:
    """The ``count`` arrivals in a row that came closest together, from zero."""
    count = min(count, len(times))
    at = np.array(times)
    spans = at[count - 1 :] - at[: len(at) - count + 1]
    begin = int(np.argmin(spans))
    return tuple(float(one) for one in at[begin : begin + count] - at[begin])


def _requests(plan: Plan, count: int) -> tuple[LoadRequest, ...]:
    """Texts that all begin differently, so that no server answers from its cache."""
    chance = np.random.default_rng(plan.seed)
    sentences = max(1, plan.load.prompt_tokens // TOKENS_A_SENTENCE)
    made: list[LoadRequest] = []
    for number in range(count + 1):
        drawn = chance.integers(0, len(SENTENCES), sentences)
        text = f"{number} {int(chance.integers(10**9))} " + "".join(
            SENTENCES[int(one)] for one in drawn.tolist()
        )
        made.append(LoadRequest(text, plan.load.output_tokens))
    return tuple(made)


def _step(rate: float, result: LoadResult) -> Step:
    said = result.metrics
    return Step(
        rate=rate,
        requests=said.completed + said.failed,
        failed=said.failed,
        seconds=said.seconds,
        ttft_p50=said.ttft.p50,
        ttft_p95=said.ttft.p95,
        tpot_p50=said.tpot.p50,
        tpot_p95=said.tpot.p95,
        itl_p95=said.itl.p95,
        e2el_p95=said.e2el.p95,
        request_throughput=said.request_throughput,
        output_throughput=said.output_throughput,
        lag=said.lag.p95,
    )
