"""The process that opens a foreign file: little memory, little time, no network, no files."""

from __future__ import annotations

import resource
import sys

from .ocr import engine
from .reading import read
from .understood import encoded
from .unreadable import UNREADABLE, NotUnderstood

_FORBIDDEN = ("socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove",
              "os.rename", "os.rmdir", "os.mkdir", "shutil.", "ctypes.dlopen_")  # fmt: skip


def main(arguments: list[str]) -> int:
    """``[task, suffix, page, memory, seconds, output]``; the file comes by standard input.

    Returns the exit status; UNREADABLE comes with an outcome on the standard error.
    """
    task, suffix, page, memory, seconds, output = arguments
    recognising = engine() if task == "read" else None
    _limit(int(memory), int(seconds), int(output))
    sys.addaudithook(_refuse)
    sys.setrecursionlimit(2000)
    data = sys.stdin.buffer.read()
    try:
        if task == "read":
            said = encoded(read(data, suffix, recognising))
        else:
            from .portable import image_of

            said = image_of(data, int(page))
    except NotUnderstood as problem:
        sys.stderr.write(problem.outcome)
        return UNREADABLE
    except MemoryError:
        sys.stderr.write("too-large")
        return UNREADABLE
    try:
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
    except OSError:  # the limit of the output
        sys.stderr.write("too-large")
        return UNREADABLE
    return 0


def _limit(memory: int, seconds: int, output: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Whatever a file makes a library try: no connection, no other program, nothing written."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
    if event == "subprocess.Popen" and not str(arguments[0]).endswith("tesseract"):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[0], str) and set(str(arguments[1])) & set("wax+"):
        raise PermissionError(event)
