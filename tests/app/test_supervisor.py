"""``countersign run`` starts everything, ends everything, and keeps the data."""

from __future__ import annotations

import fcntl
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from countersign.app.supervisor import lock_of

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


def _named(running: subprocess.Popen[str], home: Path, wanted: str) -> psutil.Process:
    """The youngest process of a kind: ``serve``, ``work`` or ``postgres``."""
    family = _family(running, home)
    return (
        family[-1]
        if wanted == "postgres"
        else max(
            (one for one in family[:-1] if wanted in one.cmdline()), key=psutil.Process.create_time
        )
    )


def _another(running: subprocess.Popen[str], home: Path, wanted: str, old: int) -> bool:
    try:
        return _named(running, home, wanted).pid != old
    except (psutil.Error, OSError, IndexError, ValueError):
        return False


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
    except httpx.TransportError:
        return False


def _await(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.05)


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
        assert "serve" in names and "work" in names and "postgres" in names
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


def test_a_part_that_is_killed_is_replaced(tmp_path: Path) -> None:
    port = _port()
    with _running(tmp_path, port) as running:
        _greeting(running)
        for wanted in ("work", "serve", "postgres"):
            victim = _named(running, tmp_path, wanted)
            victim.kill()
            _await(lambda wanted=wanted, old=victim.pid: _another(running, tmp_path, wanted, old))
        _await(lambda: _is_ready(port))
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
        assert running.stderr is not None
        said = running.stderr.read()
        assert "a worker was killed" in said and "PostgreSQL was killed" in said


def test_a_session_that_does_not_notice_keeps_no_killed_database_down(tmp_path: Path) -> None:
    port = _port()
    with _running(tmp_path, port) as running:
        _greeting(running)
        server = _named(running, tmp_path, "postgres")
        stuck = server.children()[0]
        stuck.suspend()
        server.kill()
        _await(lambda: _another(running, tmp_path, "postgres", server.pid))
        _await(lambda: _is_ready(port))
        assert not stuck.is_running() or stuck.status() == psutil.STATUS_ZOMBIE


def test_parts_that_never_work_end_everything(tmp_path: Path) -> None:
    with _running(tmp_path, _port()) as first:
        _greeting(first)
    (tmp_path / "keys" / "index.key").unlink()
    with _running(tmp_path, _port()) as running:
        assert running.wait(PATIENCE) == 1
        assert running.stderr is not None
        assert "[vault.keys-missing]" in running.stderr.read()


def test_nothing_stays_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with _running(tmp_path, _port()) as running:
        _greeting(running)
        children = psutil.Process(running.pid).children(recursive=True)
        running.kill()
        assert _gone(children) == []


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with _running(tmp_path, taken.getsockname()[1]) as running:
            assert running.wait(PATIENCE) == 1
            assert running.stderr is not None
            assert "address already in use" in running.stderr.read().lower()


def test_a_second_start_takes_nothing_from_the_first(tmp_path: Path) -> None:
    port = _port()
    folder = tmp_path / "running" / str(port)
    with _running(tmp_path, port) as first:
        _greeting(first)
        with _running(tmp_path, port) as second:
            assert second.wait(PATIENCE) == 1
        assert (folder / "supervisor.pid").read_text() == str(first.pid)
        assert list((folder / "metrics").iterdir())
        assert _is_ready(port)
        first.send_signal(signal.SIGINT)
        assert first.wait(PATIENCE) == 0 and first.stderr is not None
        assert "PostgreSQL was killed" not in first.stderr.read()


def test_who_is_still_ending_keeps_the_folder_until_it_has_ended(tmp_path: Path) -> None:
    port = _port()
    folder = tmp_path / "running" / str(port)
    folder.mkdir(parents=True)
    (folder / "supervisor.pid").write_text("the one before")
    with lock_of(folder).open("a") as ending:
        fcntl.flock(ending, fcntl.LOCK_EX)
        with _running(tmp_path, port) as waits:
            _await(lambda: _listens(port))
            assert (folder / "supervisor.pid").read_text() == "the one before"
            waits.send_signal(signal.SIGINT)
            assert waits.wait(PATIENCE) == 0
        assert (folder / "supervisor.pid").read_text() == "the one before"
        with _running(tmp_path, port) as waits:
            _await(lambda: _listens(port))
            fcntl.flock(ending, fcntl.LOCK_UN)
            _greeting(waits)
            assert (folder / "supervisor.pid").read_text() == str(waits.pid)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
