"""Starts a server of tests in a process of its own; its first line is its address."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def started(command: Sequence[str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process, which is ended by its id when the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("http"), f"the server did not start: {line!r}"
        yield line, process
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
