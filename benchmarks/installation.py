"""Starts a whole Countersign in a folder of its own, for benchmarks that need one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

COUNTERSIGN = Path(sys.executable).with_name("countersign")


@dataclass
class Installation:
    """A running house: its port, its folder and its environment."""

    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    given: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def home(self) -> Path:
        """The folder of its keys and its PostgreSQL."""
        return Path(self.environment["COUNTERSIGN_HOME"])

    def command(self, *words: str, timeout: float = 900) -> str:
        """Runs ``countersign`` with the same settings and returns what it printed."""
        return subprocess.run(
            [str(COUNTERSIGN), *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=timeout,
        ).stdout

    def memory_mb(self) -> float:
        """Memory of the house's own processes without PostgreSQL: private and shared once."""
        family = [self.process_info, *self.process_info.children(recursive=True)]
        ours = [one for one in family if one.name() != "postgres"]
        return sum(one.memory_full_info().pss for one in ours) / 2**20

    @property
    def process_info(self) -> psutil.Process:
        return psutil.Process(self.process.pid)


@contextmanager
def installation(**settings: str) -> Iterator[Installation]:
    """``countersign run`` on a free port until the block ends."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as home:
        port = free_port()
        environment = {
            **os.environ,
            "COUNTERSIGN_HOME": home,
            "COUNTERSIGN_PORT": str(port),
            **{f"COUNTERSIGN_{name}": value for name, value in settings.items()},
        }
        process = subprocess.Popen(
            [str(COUNTERSIGN), "run"], env=environment, stdout=subprocess.DEVNULL
        )
        try:
            _await(port, process)
            yield Installation(port, environment, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


@contextmanager
def running_house(
    furnish: Callable[[dict[str, str]], Mapping[str, str]], **settings: str
) -> Iterator[Installation]:
    """``countersign run`` in a folder that ``furnish`` filled before; what it returned is given."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as home:
        named = {"HOME": home, **settings}
        chosen = {f"COUNTERSIGN_{name}": value for name, value in named.items()}
        given = furnish(chosen)
        with serving({**os.environ, **chosen}, given) as house:
            yield house


@contextmanager
def serving(
    environment: dict[str, str], given: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """``countersign run`` with these variables until the block ends."""
    port = int(environment["COUNTERSIGN_PORT"])
    process = subprocess.Popen(
        [str(COUNTERSIGN), "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port, process)
        yield Installation(port, environment, process, given or {})
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(port: int, process: subprocess.Popen[bytes], seconds: float = 600) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("countersign run ended before it served")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("countersign run does not serve")
