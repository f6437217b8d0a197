"""When the requests of a load come: by chance, in bursts, or as they once came."""

from __future__ import annotations

import math

import numpy as np

from countersign.kit.errors import CountersignError

from .plan import Arrivals, Closed, Gamma, LoadPlan, Poisson, Replay


class BadLoad(CountersignError):
    code = "modelbench.bad-load"
    status = 422
    message = (
        "This load cannot be run. Give it something to ask, and numbers above zero for the "
        "requests, the rate or the streams, and the time limit."
    )


def check(plan: LoadPlan) -> None:
    """Raises BadLoad for a plan that has nothing to send, no end or no time."""
    numbers = [float(plan.count), plan.each, float(plan.at_once)]
    match plan.arrivals:
        case Poisson(rate):
            numbers.append(rate)
        case Gamma(rate, burstiness):
            numbers += [rate, burstiness]
        case Closed(streams):
            numbers.append(float(streams))
        case Replay(times, speed):
            numbers += [float(len(times)), speed]
            if any(later < earlier for earlier, later in zip(times, times[1:], strict=False)):
                raise BadLoad
    if plan.seconds is not None:
        numbers.append(plan.seconds)
    numbers += [float(request.tokens) for request in plan.requests]
    if not plan.requests or plan.warm_up < 0:
        raise BadLoad
    if not all(0 < number < math.inf for number in numbers):
        raise BadLoad


def moments(plan: LoadPlan) -> tuple[float, ...]:
    """When each request is due, in seconds from the beginning; empty for a closed load.

    Drawn as vLLM's ``vllm bench serve`` draws them (vllm/benchmarks/serve.py, ``get_request``):
    pauses from a gamma distribution of shape ``burstiness`` and mean 1/rate, then stretched so
    that the last of ``count`` is due at count/rate; two seeds thus offer the same rate.
    A replay that is shorter than ``count`` ends early.
    """
    match plan.arrivals:
        case Closed():
            return ()
        case Replay(times, speed):
            return tuple((time - times[0]) / speed for time in times[: plan.count])
        case Poisson(rate):
            shape = 1.0
        case Gamma(rate, shape):
            pass
    chance = np.random.default_rng(plan.seed)
    due = np.cumsum(chance.gamma(shape, 1 / (rate * shape), plan.count))
    if due[-1] > 0:
        due *= plan.count / rate / due[-1]
    return tuple(float(moment) for moment in due)


def heights(arrivals: Arrivals, factor: float, steps: int) -> tuple[Arrivals, ...]:
    """The load and ``steps`` - 1 higher ones, each ``factor`` times the one before."""
    found: list[Arrivals] = []
    for step in range(steps):
        by = factor**step
        match arrivals:
            case Poisson(rate):
                found.append(Poisson(rate * by))
            case Gamma(rate, burstiness):
                found.append(Gamma(rate * by, burstiness))
            case Replay(times, speed):
                found.append(Replay(times, speed * by))
            case Closed(streams):
                found.append(Closed(math.ceil(streams * by)))
    return tuple(found)
