"""Has a foreign file read by a process of its own, whose end is always one of a few outcomes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .reading import suffix_of
from .understood import Understood, decoded
from .unreadable import OUTCOMES, UNREADABLE, NotUnderstood

MEBIBYTE = 1024 * 1024

_LIBRARY = str(Path(__file__).parents[1])
_BEGIN = """
import sys, types
library = sys.modules["countersign.ground.library"] = types.ModuleType("library")
library.__path__ = [sys.argv[1]]
from countersign.ground.library.understanding.child import main
sys.exit(main(sys.argv[2:]))
"""
"""Begins the process without the rest of the library, of which it needs nothing: neither the
database's driver nor the search engine are there for a file to reach, and it starts at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """``memory`` and ``output`` in bytes, ``seconds`` of the processor, ``patience`` of the clock.

    ``memory`` is address space, of which the libraries alone take some hundred MiB.
    """

    memory: int = 2048 * MEBIBYTE
    seconds: int = 600
    patience: float = 1800.0
    output: int = 128 * MEBIBYTE


def read_apart(file: Iterable[bytes], name: str, bounds: Bounds | None = None) -> Understood:
    """What the file says; ``name`` is the file's own name. Raises NotUnderstood, and nothing else
    whatever the file holds.
    """
    return decoded(_run(file, "read", suffix_of(name), 0, bounds or Bounds()))


def page_image(file: Iterable[bytes], page: int, bounds: Bounds | None = None) -> bytes:
    """The page (from 1) of a PDF as a JPEG. Raises NotUnderstood."""
    given = bounds or Bounds(seconds=60, patience=300.0, output=8 * MEBIBYTE)
    found = _run(file, "page", "pdf", page, given)
    if not found.startswith(b"\xff\xd8"):
        raise NotUnderstood("broken")
    return found


def _run(file: Iterable[bytes], task: str, suffix: str, page: int, bounds: Bounds) -> bytes:
    # Files without a name: what is read stands on no disk, and the output has a limit.
    source = os.memfd_create("source", os.MFD_CLOEXEC)
    target = os.memfd_create("target", os.MFD_CLOEXEC)
    try:
        for part in file:
            view = memoryview(part)
            while view:
                view = view[os.write(source, view) :]
        os.lseek(source, 0, os.SEEK_SET)
        limits = (bounds.memory, bounds.seconds, bounds.output)
        command = [sys.executable, "-I", "-c", _BEGIN, _LIBRARY, task, suffix or "-"]
        process = subprocess.Popen(  # noqa: S603 - our own module; the file comes by stdin
            [*command, str(page), *map(str, limits)],
            stdin=source,
            stdout=target,
            stderr=subprocess.PIPE,
            env={"LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"},
            start_new_session=True,
        )
        _await(process, bounds.patience)
        os.lseek(target, 0, os.SEEK_SET)
        with os.fdopen(os.dup(target), "rb") as written:
            return written.read()
    finally:
        os.close(source)
        os.close(target)


def _await(process: subprocess.Popen[bytes], patience: float) -> None:
    """Waits for a good end. Raises NotUnderstood for any other."""
    try:
        said = process.communicate(timeout=patience)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise NotUnderstood("too-slow") from None
    code = process.returncode
    if code == 0:
        return
    outcome = said[-64:].decode("ascii", "replace").rpartition("\n")[2]
    if code == UNREADABLE and outcome in OUTCOMES:
        raise NotUnderstood(outcome)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise NotUnderstood("too-slow")
    if code == -signal.SIGXFSZ or b"MemoryError" in said or b"alloc" in said:
        raise NotUnderstood("too-large")
    raise NotUnderstood("broken")
