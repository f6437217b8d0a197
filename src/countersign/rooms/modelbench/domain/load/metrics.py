"""Sums up a load with the definitions of vLLM's benchmark, so that figures can be compared.

The definitions are those of ``vllm bench serve`` (vllm/benchmarks/serve.py,
``calculate_metrics``, and vllm/benchmarks/lib/endpoint_request_func.py of the vLLM project):

- TTFT, time to first token: from sending to the first part of the stream that carries a choice.
- ITL, inter-token latency: each time between two such parts, over all requests.
- E2EL, end-to-end latency: from sending to the last such part.
- TPOT, time per output token: (E2EL - TTFT) / (output tokens - 1), for answers of two or more.
- Request and output throughput: whole answers, and their tokens, per second of the whole load.
- Goodput: answers within the service level per second; a TPOT of one token counts as 0.

Tokens are those that the server reports. One thing is stricter here: an answer that ended
without saying why it ended was cut and is a failure, where vLLM's tool counts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .plan import ServiceLevel
from .result import LoadMetrics, Sample, Spread

Z95 = 1.959964


def summed(samples: Sequence[Sample], seconds: float, level: ServiceLevel | None) -> LoadMetrics:
    """The metrics of a load that took ``seconds``, of which zero is taken as nothing done."""
    whole = [one for one in samples if not one.failed]
    tokens_in, tokens_out = sum(s.tokens_in for s in whole), sum(s.tokens_out for s in whole)
    good = None if level is None else sum(_good(one, level) for one in whole)
    between = [
        later - earlier
        for one in whole
        for earlier, later in zip(one.parts, one.parts[1:], strict=False)
    ]
    return LoadMetrics(
        completed=len(whole),
        failed=len(samples) - len(whole),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        seconds=seconds,
        request_throughput=_rate(len(whole), seconds),
        output_throughput=_rate(tokens_out, seconds),
        total_throughput=_rate(tokens_in + tokens_out, seconds),
        ttft=spread(map(ttft, whole)),
        tpot=spread(tpot(one) for one in whole if one.tokens_out > 1),
        itl=spread(between, of=len(whole)),
        e2el=spread(map(e2el, whole)),
        text=spread(one.text - one.sent for one in whole if one.text is not None),
        lag=spread(one.sent - one.due for one in samples),
        most_at_once=most_at_once(whole),
        goodput=None if good is None else _rate(good, seconds),
        good_share=None if good is None else good / max(1, len(samples)),
    )


def _rate(count: float, seconds: float) -> float:
    """A second; none of nothing, however short it took."""
    return count / seconds if seconds > 0 else 0.0


def ttft(one: Sample) -> float:
    """Seconds to the first token of a whole answer."""
    return one.parts[0] - one.sent


def e2el(one: Sample) -> float:
    """Seconds to the last token of a whole answer."""
    return one.parts[-1] - one.sent


def tpot(one: Sample) -> float:
    """Seconds per token after the first; 0 where there was no second."""
    return (e2el(one) - ttft(one)) / (one.tokens_out - 1) if one.tokens_out > 1 else 0.0


def _good(one: Sample, level: ServiceLevel) -> bool:
    kept = ((level.ttft, ttft(one)), (level.tpot, tpot(one)), (level.e2el, e2el(one)))
    return all(limit is None or found <= limit for limit, found in kept)


def spread(values: Iterable[float], of: int | None = None) -> Spread:
    """Mean, standard deviation and percentiles (numpy's linear ones, as vLLM's).

    The bounds of the median are the order statistics n/2 ± 1.96·√n/2 (Conover, "Practical
    Nonparametric Statistics", confidence interval for a quantile). ``of`` says how many of the
    values are independent: the times between the tokens of one answer are not.
    """
    found = np.fromiter(values, dtype=float)
    if not found.size:
        return Spread()
    half = 100 * Z95 / (2 * max(1, of or found.size) ** 0.5)
    at = [50.0, 90.0, 95.0, 99.0, max(0.0, 50 - half), min(100.0, 50 + half)]
    p50, p90, p95, p99, low, high = (float(one) for one in np.percentile(found, at))
    return Spread(
        int(found.size), float(found.mean()), float(found.std()), p50, p90, p95, p99, low, high
    )


def most_at_once(samples: Sequence[Sample]) -> int:
    """The most requests that were under way at any moment; one that ends makes room first."""
    steps = sorted(
        [(one.sent, 1) for one in samples] + [(one.parts[-1], -1) for one in samples],
        key=lambda step: (step[0], step[1]),
    )
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most
