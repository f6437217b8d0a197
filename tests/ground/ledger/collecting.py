"""A real collector beside the tests: Debian's rsyslogd, a process of its own."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
module(load="imtcp" MaxSessions="20")
global(workDirectory="{folder}" maxMessageSize="128k")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" port="{port}" address="127.0.0.1")
action(type="omfile" file="{folder}/received" template="raw")
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Collected:
    """What arrived so far."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "received"

    def indices(self) -> list[int]:
        """Of the events, in the order in which they arrived."""
        text = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        return [int(one) for one in re.findall(r' index="(\d+)"', text)]

    def await_count(self, count: int) -> list[int]:
        """Once so many were written: rsyslog takes in first and writes a moment later."""
        until = time.monotonic() + 60
        while len(self.indices()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.indices()


@contextmanager
def rsyslog(folder: Path, port: int) -> Generator[Collected]:
    """Listens until the block ends, and writes what it was brought before it does end."""
    program = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/usr/local/sbin")
    assert program is not None, "the tests need rsyslogd: apt-get install rsyslog"
    configuration = folder / "rsyslog.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
    command = [program, "-n", "-f", str(configuration), "-i", str(folder / "pid")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield Collected(folder)
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "rsyslogd did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("rsyslogd does not listen")
