"""Puts a planned load on a server and measures what comes back, when."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from countersign.ground.egress import Egress, EgressFailed, EgressRefused
from countersign.kit.json import JSON, encode
from countersign.rooms.modelbench.domain.load import (
    Arrivals,
    Closed,
    Endpoint,
    LoadPlan,
    LoadRequest,
    LoadResult,
    Reading,
    Rise,
    Sample,
    Target,
    check,
    moments,
    summed,
)

Now = Callable[[], datetime]
LATE = ("DeadlinePassed", "ReadTimeout", "WriteTimeout", "ConnectTimeout", "PoolTimeout")
UNREACHED = ("ConnectError",)
MEGABYTE = 1024 * 1024


class LoadGenerator:
    """Runs loads over ``egress``, one at a time, each request in a thread of its own.

    ``clock`` gives seconds that only rise.
    """

    def __init__(self, egress: Egress, clock: Callable[[], float] = time.perf_counter) -> None:
        self._egress = egress
        self._clock = clock

    def run(self, plan: LoadPlan, target: Target, now: Now) -> LoadResult:
        """The load, measured. A server that fails is a result and raises nothing.

        Raises BadLoad, and EgressRefused where the allow-list does not name the server.
        """
        check(plan)
        if not self._egress.allows(target.url):
            raise EgressRefused(place=urlsplit(target.url).netloc or "?")
        if plan.warm_up:
            self._warm(plan, target)
        started, worked = now(), time.process_time()
        load = _Load(self._egress, plan, target, self._clock)
        samples = load.closed() if isinstance(plan.arrivals, Closed) else load.open(moments(plan))
        seconds = load.elapsed()
        return LoadResult(
            plan=plan,
            started=started,
            samples=samples,
            metrics=summed(samples, seconds, plan.level),
            processor_seconds=time.process_time() - worked,
        )

    def rise(self, plan: LoadPlan, heights: Sequence[Arrivals], target: Target, now: Now) -> Rise:
        """The plan at each of ``heights``, until its service level does not hold."""
        loads: list[LoadResult] = []
        for height in heights:
            at = replace(plan, arrivals=height, warm_up=0 if loads else plan.warm_up)
            loads.append(self.run(at, target, now))
            if not loads[-1].holds:
                break
        return Rise(tuple(loads))

    def _warm(self, plan: LoadPlan, target: Target) -> None:
        streams = Closed(min(plan.warm_up, plan.at_once, 8))
        warming = replace(plan, arrivals=streams, count=plan.warm_up, seed=plan.seed + 1)
        _Load(self._egress, warming, target, self._clock).closed()


class _Load:
    """One load under way; its moments are seconds from when this was made."""

    def __init__(
        self, egress: Egress, plan: LoadPlan, target: Target, clock: Callable[[], float]
    ) -> None:
        self._egress = egress
        self._plan = plan
        self._url = f"{target.url.rstrip('/')}/{plan.endpoint}"
        self._headers = {**target.headers, "content-type": "application/json"}
        self._bodies = [encode(body(plan, target, request)) for request in plan.requests]
        self._clock = clock
        self._began = clock()

    def elapsed(self) -> float:
        return self._clock() - self._began

    def open(self, due: Sequence[float]) -> tuple[Sample, ...]:
        """Sends each request when it is due, whatever became of those before it."""
        end = self._plan.seconds
        with ThreadPoolExecutor(min(self._plan.at_once, len(due)), "load") as threads:
            sent: list[Future[Sample]] = []
            for number, moment in enumerate(due):
                if end is not None and moment > end:
                    break
                if (pause := moment - self.elapsed()) > 0:
                    time.sleep(pause)
                sent.append(threads.submit(self._ask, number, moment))
            return tuple(one.result() for one in sent)

    def closed(self) -> tuple[Sample, ...]:
        """Lets each stream ask again as soon as it was answered."""
        assert isinstance(self._plan.arrivals, Closed)  # noqa: S101 - narrows the type
        streams = min(self._plan.arrivals.streams, self._plan.at_once, self._plan.count)
        numbers = _Shared(range(self._plan.count))
        with ThreadPoolExecutor(streams, "load") as threads:
            working = [threads.submit(self._stream, numbers) for _ in range(streams)]
            every = [one.result() for one in working]
        return tuple(sorted(itertools.chain.from_iterable(every), key=lambda one: one.sent))

    def _stream(self, numbers: _Shared) -> list[Sample]:
        end = self._plan.seconds
        samples: list[Sample] = []
        while (number := numbers.next()) is not None:
            moment = self.elapsed()
            if end is not None and moment > end:
                break
            samples.append(self._ask(number, moment))
        return samples

    def _ask(self, number: int, due: float) -> Sample:
        """One request. What met the closing of a kept connection was not read and goes again, over
        a new one: llama.cpp's server closes one after each streamed answer without saying so, and
        the next of those kept may just be closed as well.
        """
        sent, reading = self._read(number)
        if reading.failed == "broken" and not reading.parts:
            sent, reading = self._read(number, fresh=True)
        return Sample(
            due=due,
            sent=sent,
            parts=tuple(reading.parts),
            text=reading.text,
            tokens_in=reading.tokens_in,
            tokens_out=reading.tokens_out,
            failed=reading.failed,
        )

    def _read(self, number: int, fresh: bool = False) -> tuple[float, Reading]:
        reading, sent = Reading(), self.elapsed()
        try:
            with self._egress.stream(
                "POST",
                self._url,
                headers=self._headers,
                content=self._bodies[number % len(self._bodies)],
                timeout=self._plan.each,
                largest=64 * MEGABYTE,
                fresh=fresh,
            ) as answer:
                if answer.status == 200:
                    for part in answer:
                        reading.take(part, self.elapsed())
                    reading.end()
                else:
                    reading.failed = f"http-{answer.status}"
        except EgressFailed as problem:
            reading.failed = _failure(str(problem.details.get("problem")))
        except EgressRefused:
            reading.failed = "refused"
        return sent, reading


class _Shared:
    """Numbers that many threads take from, each once."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = iter(numbers)
        self._lock = threading.Lock()

    def next(self) -> int | None:
        """The next one, None after the last."""
        with self._lock:
            return next(self._numbers, None)


def body(plan: LoadPlan, target: Target, request: LoadRequest) -> JSON:
    """What is sent for one request."""
    asked: JSON = {
        "model": target.model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.tokens,
    }
    if plan.whole_length:
        asked["ignore_eos"] = True
    text = request.prefix + request.text
    if plan.endpoint is Endpoint.CHAT:
        asked["messages"] = [{"role": "user", "content": text}]
    else:
        asked["prompt"] = text
    return {**asked, **target.extra}


def _failure(problem: str) -> str:
    if problem in LATE:
        return "late"
    return "unreached" if problem in UNREACHED else "broken"
