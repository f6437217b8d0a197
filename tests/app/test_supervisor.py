"""``countersign run`` starts everything, ends everything, and keeps the data."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

PATIENCE = 120.0


@contextmanager
def _running(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    variables = {"HOME": home, "PORT": port, "DEMONSTRATION": "no", "DATABASE": ""}
    command = ["env", *(f"COUNTERSIGN_{name}={value}" for name, value in variables.items())]
    command += [sys.executable, "-m", "countersign.app", "run"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
            running.wait(PATIENCE)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _greeting(running: subprocess.Popen[str]) -> str:
    """What it prints until it says how to stop it."""
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if "Ctrl-C" in line:
            return said
    raise AssertionError(f"it ended: {said}")


def _family(running: subprocess.Popen[str], home: Path) -> list[psutil.Process]:
    """Every process of the installation, PostgreSQL too, which is nobody's child."""
    server = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    return [*psutil.Process(running.pid).children(recursive=True), psutil.Process(server)]


def _gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=PATIENCE)[1]


def test_it_starts_stops_with_one_key_and_keeps_the_data(tmp_path: Path) -> None:
    port = _port()
    with _running(tmp_path, port) as first:
        greeting = _greeting(first)
        assert f"http://127.0.0.1:{port}" in greeting and str(tmp_path) in greeting
        assert httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
        assert "/sign-in" in httpx.get(f"http://127.0.0.1:{port}/").headers["location"]
        family = _family(first, tmp_path)
        names = " ".join(" ".join(one.cmdline()) for one in family)
        assert "countersign.app.serve" in names and "work" in names and "postgres" in names
        first.send_signal(signal.SIGINT)
        assert first.wait(PATIENCE) == 0
        assert _gone(family) == []
        assert first.stderr is not None
        assert "Traceback" not in first.stderr.read()
    key = (tmp_path / "keys" / "installation.secret").read_bytes()
    with _running(tmp_path, port) as second:
        _greeting(second)
        assert (tmp_path / "keys" / "installation.secret").read_bytes() == key
        assert httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200


def test_when_one_part_ends_by_itself_the_others_end_too(tmp_path: Path) -> None:
    with _running(tmp_path, _port()) as running:
        _greeting(running)
        family = _family(running, tmp_path)
        worker = next(one for one in family if one.cmdline()[-1:] == ["work"])
        worker.kill()
        assert running.wait(PATIENCE) == 1
        assert _gone(family) == []
        assert running.stderr is not None
        said = running.stderr.read()
        assert "The worker ended by itself" in said and "[app.server_ended]" in said


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with _running(tmp_path, taken.getsockname()[1]) as running:
            assert running.wait(PATIENCE) == 1
            assert running.stderr is not None
            assert "address already in use" in running.stderr.read().lower()
