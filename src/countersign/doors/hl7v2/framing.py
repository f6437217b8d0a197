"""Cuts a stream of bytes into messages and back, by the Minimal Lower Layer Protocol.

HL7 Version 2 Transport Specification: MLLP, Release 1: ``<VT> content <FS><CR>``.
"""

from __future__ import annotations

from collections.abc import Iterator

START, END = b"\x0b", b"\x1c\r"


class TooLong(Exception):
    """A frame, or what stands between frames, is longer than allowed."""


def framed(content: bytes) -> bytes:
    """One message as it travels."""
    return START + content + END


class Frames:
    """Takes bytes as they arrive, however they were cut, and gives whole messages.

    ``largest`` is the most bytes of one message. What stands between two frames (line ends
    that some senders add) is passed over, ``largest`` bytes of it at most.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._kept = bytearray()
        self._passed = 0
        self._within = False
        self._looked = 0

    @property
    def open(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._within

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now. Raises TooLong; nothing may be fed after that."""
        self._kept += data
        while self._begin():
            end = self._kept.find(END, max(0, self._looked - 1))
            if end < 0:
                self._looked = len(self._kept)
                if self._looked > self._largest + 1:
                    raise TooLong
                return
            if end > self._largest:
                raise TooLong
            message = bytes(self._kept[:end])
            del self._kept[: end + len(END)]
            self._within, self._looked = False, 0
            yield message

    def _begin(self) -> bool:
        """Passes over what stands before a message; False when none has begun."""
        if self._within:
            return True
        start = self._kept.find(START)
        passed = len(self._kept) if start < 0 else start
        self._passed += passed
        if self._passed > self._largest:
            raise TooLong
        if start < 0:
            self._kept.clear()
            return False
        del self._kept[: start + 1]
        self._within, self._looked, self._passed = True, 0, 0
        return True
