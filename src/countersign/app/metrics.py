"""Counts what is served and reads what waits, for a monitoring system; names nobody."""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Iterable
from contextlib import suppress

import psutil
from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response

from countersign.ground.db import DbRole
from countersign.ground.shell import NoSuchPage, Seen
from countersign.kit.errors import CountersignError

from .house import House
from .readiness import Readiness
from .supervisor import NUMBERS

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
EVERY = 2.0
"""Seconds between two looks at the pools of this process."""


class Metrics:
    """One web process's numbers, and those of its siblings when it is asked for them."""

    def __init__(self, house: House, readiness: Readiness) -> None:
        self._house = house
        self._readiness = readiness
        self._folder = house.settings.running / NUMBERS
        own = CollectorRegistry()
        self._requests = Counter(
            "countersign_requests", "Answered requests.", ("method", "route", "status"),
            registry=own,
        )  # fmt: skip
        self._seconds = Histogram(
            "countersign_request_seconds", "Seconds until the answer was sent.", ("route",),
            buckets=BUCKETS, registry=own,
        )  # fmt: skip
        self._pool = Gauge(
            "countersign_pool_connections", "Connections of the pools.", ("role", "state"),
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self._unwritten = Gauge(
            "countersign_ledger_unwritten", "Events that wait to be written.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self._own = own
        self._stop = threading.Event()
        threading.Thread(target=self._look, name="metrics", daemon=True).start()

    def told(self, seen: Seen) -> None:
        """Counts one request."""
        self._requests.labels(seen.method, seen.route, str(seen.status)).inc()
        self._seconds.labels(seen.route).observe(seen.seconds)

    def close(self) -> None:
        """Stops looking."""
        self._stop.set()

    def text(self) -> bytes:
        """Everything, summed over the processes of this installation."""
        registry = CollectorRegistry()
        if self._folder.is_dir():
            MultiProcessCollector(registry, str(self._folder))
        found = generate_latest(registry) if self._folder.is_dir() else generate_latest(self._own)
        now = CollectorRegistry()
        now.register(_Now(self._house, self._readiness))
        return found + generate_latest(now)

    def _look(self) -> None:
        while not self._stop.wait(EVERY):
            for role in DbRole:
                for state, count in self._house.database.use(role).items():
                    self._pool.labels(role.removeprefix("countersign_"), state).set(count)
            self._unwritten.set(self._house.floor.ledger.unwritten())


class _Now:
    """What is read at the moment of asking; whatever cannot be read is left out."""

    def __init__(self, house: House, readiness: Readiness) -> None:
        self._house = house
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        checks = GaugeMetricFamily("countersign_check", "1 where a check holds.", labels=["check"])
        for name, good in self._readiness.checks().items():
            checks.add_metric([name], float(good))
        yield checks
        yield self._memory()
        with suppress(CountersignError):
            stopped = self._house.floor.switch.state().stopped
            yield GaugeMetricFamily("countersign_ai_stopped", "1 while AI is stopped.", stopped)
            yield self._counted("countersign_jobs", "Jobs by state.", "state",
                                self._house.floor.jobs.counts())  # fmt: skip
            yield self._counted("countersign_drafts_waiting", "Undecided drafts.", "urgency",
                                self._house.floor.signoff.waiting.counts())  # fmt: skip
            yield from self._models()
            size = self._house.floor.ledger.size()
            yield GaugeMetricFamily("countersign_ledger_leaves", "Leaves of the ledger.", size)

    def _counted(self, name: str, said: str, label: str, counts: dict[str, int]) -> Metric:
        family = GaugeMetricFamily(name, said, labels=[label])
        for value, count in counts.items():
            family.add_metric([value], count)
        return family

    def _models(self) -> Iterable[Metric]:
        """Model servers: what each has in work and waiting, and whether it is left alone."""
        requests = GaugeMetricFamily(
            "countersign_model_requests", "Requests to model servers.", labels=["server", "state"]
        )
        alone = GaugeMetricFamily(
            "countersign_model_breaker_open", "1 while a server is left alone.", labels=["server"]
        )
        for name, (load, breaker) in self._house.floor.models.loads().items():
            requests.add_metric([name, "working"], load.working)
            requests.add_metric([name, "waiting"], sum(load.waiting))
            alone.add_metric([name], float(breaker == "open"))
        return requests, alone

    def _memory(self) -> Metric:
        family = GaugeMetricFamily(
            "countersign_memory_bytes", "Resident memory by kind of process.", labels=["process"]
        )
        counted: dict[str, int] = {}
        for process in _family():
            with suppress(psutil.Error):
                words = process.cmdline()
                kind = next((one for one in ("serve", "work", "run") if one in words), "other")
                counted[kind] = counted.get(kind, 0) + process.memory_info().rss
        for kind, size in counted.items():
            family.add_metric([kind], size)
        return family


def _family() -> list[psutil.Process]:
    """The processes that the same supervisor started, and the supervisor."""
    with suppress(psutil.Error):
        parent = psutil.Process(os.getppid())
        if "countersign" in " ".join(parent.cmdline()):
            return [parent, *parent.children()]
    return [psutil.Process()]


def metrics_route(metrics: Metrics, token: str | None) -> APIRouter:
    """``/metrics``: for whoever shows the token; without one configured it does not exist."""
    router = APIRouter()

    @router.get("/metrics")
    def text(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if token is None or not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise NoSuchPage
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
