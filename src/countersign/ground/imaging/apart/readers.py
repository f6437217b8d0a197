"""A few limited processes that decode slides, each replaced when a file ends it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np

from countersign.ground.imaging.errors import SlideAway, SlideDamaged
from countersign.ground.imaging.opening import open_index
from countersign.ground.imaging.slide import Pixels, Slide

from .far import FarSlide, error_of, told

MEBIBYTE: Final = 1024 * 1024
MEMORY: Final = 4096 * MEBIBYTE
"""Bytes of address space of each, of which the libraries alone take several hundred MiB."""

READY: Final = b"ready"
START: Final = 120.0
"""Seconds that one may take to begin, on a machine that does much else."""

ANSWER: Final = 1 << 16
DEATHS: Final = 2
"""How many processes a file may end before it is refused without another try."""

REFUSED: Final = 600.0
"""Seconds for which such a file is refused: a machine short of memory kills processes too."""

_IMAGING: Final = str(Path(__file__).parents[1])
_BEGIN: Final = """
import sys, types
imaging = sys.modules["countersign.ground.imaging"] = types.ModuleType("imaging")
imaging.__path__ = [sys.argv[1]]
from countersign.ground.imaging.apart.child import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""
"""Begins the process without the database's driver and all else that a file could reach."""

BEGIN: Final = (sys.executable, "-I", "-B", "-c", _BEGIN, _IMAGING)
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_Key = tuple[str, int, int]


class _Gone(Exception):
    """The process ended or spoke nonsense."""


class _Hung(_Gone):
    """It did not answer in time. To try again would only hold up others once more."""


class Readers:
    """Opens slides whose pixels come from ``many`` processes, started when first needed.

    ``patience`` is in seconds, for one answer; ``memory`` in bytes for each process; ``begin``
    is the command line that starts one. Safe to use from many threads.
    """

    def __init__(
        self,
        many: int = 2,
        patience: float = 60.0,
        memory: int = MEMORY,
        begin: Sequence[str] = BEGIN,
    ) -> None:
        self._patience = patience
        self._command, self._memory = tuple(begin), memory
        self._places = threading.Semaphore(many)
        self._lock = threading.Lock()
        self._idle: list[_Reader] = []
        self._deaths: OrderedDict[_Key, tuple[int, float]] = OrderedDict()

    def open(self, path: Path) -> Slide:
        """As ``open_slide``. Where a file can be indexed without decoding anything, that is done
        in this process, so that its stored tiles need no other."""
        ask = partial(self._ask, path)
        index = open_index(path)
        if index is None:
            return told(ask({"what": "slide"}, 0)[0], ask)
        return FarSlide(index.format, index.levels, index.mpp, index.properties, ask, index)

    def close(self) -> None:
        """Ends those that are idle; one that answers ends when its answer was taken."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.end()

    def _ask(
        self, path: Path, question: dict[str, Any], pixels: int
    ) -> tuple[dict[str, Any], Pixels | None]:
        """Raises the errors of imaging. A file that ended a process is tried once more, for it
        may have been no fault of the file's."""
        key = _key(path)
        asked = json.dumps({**question, "path": str(path)}).encode()
        while self._dead(key) < DEATHS:
            with self._places:
                reader = self._taken()
                try:
                    said, found = reader.answer(asked, pixels, self._patience)
                except _Gone as why:
                    reader.end()
                    self._died(key, DEATHS if isinstance(why, _Hung) else 1)
                    continue
                except BaseException:
                    reader.end()
                    raise
                with self._lock:
                    self._idle.append(reader)
                    self._deaths.pop(key, None)
            if "error" in said:
                raise error_of(said)
            return said, found
        raise SlideDamaged(reason="ends-its-reader")

    def _taken(self) -> _Reader:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Reader(self._command, self._memory)

    def _dead(self, key: _Key) -> int:
        with self._lock:
            count, at = self._deaths.get(key, (0, 0.0))
            if count and time.monotonic() - at > REFUSED:
                del self._deaths[key]
                return 0
            return count

    def _died(self, key: _Key, more: int) -> None:
        with self._lock:
            count, _ = self._deaths.pop(key, (0, 0.0))
            self._deaths[key] = count + more, time.monotonic()
            while len(self._deaths) > 1000:
                self._deaths.popitem(last=False)


class _Reader:
    """One process and the way to it. Of what it sends nothing is unpickled."""

    def __init__(self, command: Sequence[str], memory: int) -> None:
        self._ready = False
        self._way, far = Pipe()
        with far:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                (*command, str(far.fileno()), str(memory)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(far.fileno(),),
                env=dict(_ENVIRONMENT),
                start_new_session=True,
            )
        # Also when nobody holds it any more, and when this process ends.
        self._ending = weakref.finalize(self, _end, self._way, self._process)

    def answer(
        self, asked: bytes, pixels: int, patience: float
    ) -> tuple[dict[str, Any], Pixels | None]:
        """Words, and pixels where they say that some follow. Raises _Gone."""
        try:
            if not self._ready:
                self._received(len(READY), START)
                self._ready = True
            self._way.send_bytes(asked)
            said = json.loads(self._received(ANSWER, patience))
            shape = said.get("shape")
            if shape is None:
                return said, None
            high, wide, deep = (int(side) for side in shape)
            if min(high, wide) < 1 or deep != 3 or high * wide > pixels:
                raise _Gone
            raw = self._received(high * wide * 3, patience)
            return said, np.frombuffer(bytearray(raw), np.uint8).reshape(high, wide, 3)
        except (OSError, EOFError, ValueError, TypeError, AttributeError):
            raise _Gone from None

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self._ending()

    def _received(self, most: int, patience: float) -> bytes:
        if not self._way.poll(patience):
            raise _Hung
        return self._way.recv_bytes(most)


def _end(way: Connection, process: subprocess.Popen[bytes]) -> None:
    way.close()
    process.kill()
    process.wait()


def _key(path: Path) -> _Key:
    try:
        found = path.stat()
    except OSError as why:
        raise SlideAway(reason="cannot-open") from why
    return str(path), found.st_mtime_ns, found.st_size
