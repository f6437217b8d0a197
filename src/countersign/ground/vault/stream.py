"""Attachments and images as encrypted streams: chunk by chunk, readable at any position."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag

from .errors import Unreadable
from .suites import TAG, Cipher, Suite, cipher
from .vault import Sealed, Vault

CHUNK = 64 * 1024
"""Bytes of plaintext in a chunk; each but the last is whole."""

PREFIX = 7
LARGEST_CHUNK = 16 * 1024 * 1024
_HEAD = struct.Struct(">BBI7s")
"""Format, suite, bytes of a chunk, the prefix of every nonce. It is authenticated throughout."""


@dataclass(frozen=True, slots=True)
class StreamKey:
    """The key of one stream: fresh for each stream, so that counted nonces never come again.

    ``sealed`` is the key under the patient's data key, as a row stores it: rotation seals it
    again like any row, without touching the stream, and shredding makes the stream unreadable.
    """

    suite: Suite
    sealed: Sealed
    key: bytes = field(repr=False)


class Readable(Protocol):
    """Where the bytes of a stream lie: a file, or anything that can be read at a position."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def read(self, size: int, /) -> bytes: ...


def new_key(vault: Vault, subject: str, context: str) -> StreamKey:
    """A key for one new stream of ``subject``; ``context`` names its place. Raises as ``seal``."""
    suite = vault.store.suite
    key = token_bytes(suite.key_bytes)
    said = bytes([int(suite)]) + key
    return StreamKey(suite, vault.seal(subject, said, _place(context)), key)


def known_key(vault: Vault, subject: str, sealed: Sealed, context: str) -> StreamKey:
    """The key of a stream from its row. Raises Unreadable, Destroyed."""
    said = vault.open(subject, sealed, _place(context))
    try:
        suite = Suite(said[0])
    except (IndexError, ValueError):
        raise Unreadable from None
    return StreamKey(suite, sealed, said[1:])


def seal_stream(
    key: StreamKey, source: Iterable[bytes], target: BinaryIO, *, chunk: int = CHUNK
) -> int:
    """Writes ``source`` sealed to ``target`` and returns how many plain bytes there were.

    ``source`` comes in parts of any size; see ``parts_of`` for files. Holds one part and two
    chunks at a time, whatever the length. A key seals one stream and no other. The
    construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce is a
    random prefix of 7 bytes, the number of the chunk in 4, and whether it is the last in 1.
    """
    if not 0 < chunk <= LARGEST_CHUNK:
        raise ValueError("a chunk has 1 byte to 16 MiB")
    head = _HEAD.pack(1, int(key.suite), chunk, token_bytes(PREFIX))
    machine, prefix, total = cipher(key.suite, key.key), head[-PREFIX:], 0
    target.write(head)
    held, number = b"", 0
    for part in _whole(source, chunk):
        if number or held:
            target.write(machine.encrypt(_nonce(prefix, number - 1, last=False), held, head))
        held, total, number = part, total + len(part), number + 1
    target.write(machine.encrypt(_nonce(prefix, max(number - 1, 0), last=True), held, head))
    return total


class SealedReader:
    """A sealed stream, to be read from any position with one chunk in memory.

    The last chunk is checked at the beginning, so that a stream that was cut or lengthened is
    not opened at all; each further chunk is checked when it is read. Raises Unreadable.
    """

    def __init__(self, key: StreamKey, source: Readable) -> None:
        self._source = source
        source.seek(0)
        self._head = source.read(_HEAD.size)
        if len(self._head) != _HEAD.size:
            raise Unreadable
        version, suite, self._chunk, self._prefix = _HEAD.unpack(self._head)
        if version != 1 or suite != key.suite or not 0 < self._chunk <= LARGEST_CHUNK:
            raise Unreadable
        self._cipher: Cipher = cipher(key.suite, key.key)
        box = source.seek(0, os.SEEK_END) - _HEAD.size
        self._chunks = max(1, -(-box // (self._chunk + TAG)))
        self._held: tuple[int, bytes] = (-1, b"")
        last = self._read(self._chunks - 1)
        if not last and self._chunks > 1:
            raise Unreadable  # only an empty stream ends with an empty chunk
        self.size = (self._chunks - 1) * self._chunk + len(last)

    def read_at(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``, fewer at the end. Raises Unreadable."""
        if offset < 0 or size < 0:
            raise ValueError("a position lies at 0 or behind it")
        end = min(offset + size, self.size)
        parts: list[bytes] = []
        while offset < end:
            number, within = divmod(offset, self._chunk)
            part = self._read(number)[within : within + end - offset]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        """Chunk after chunk from the beginning. Raises Unreadable."""
        for number in range(self._chunks):
            yield self._read(number)

    def _read(self, number: int) -> bytes:
        if self._held[0] == number:
            return self._held[1]
        self._source.seek(_HEAD.size + number * (self._chunk + TAG))
        box = self._source.read(self._chunk + TAG)
        last = number == self._chunks - 1
        try:
            plain = self._cipher.decrypt(_nonce(self._prefix, number, last=last), box, self._head)
        except (InvalidTag, ValueError):
            raise Unreadable from None
        if not last and len(plain) != self._chunk:
            raise Unreadable
        self._held = (number, plain)
        return plain


def parts_of(file: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """What a file holds, so many bytes at a time, for ``seal_stream``."""
    while part := file.read(size):
        yield part


def _whole(source: Iterable[bytes], chunk: int) -> Iterator[bytes]:
    """Parts of exactly ``chunk`` bytes and, last, what is left."""
    waiting = bytearray()
    for part in source:
        waiting += part
        while len(waiting) >= chunk:
            yield bytes(waiting[:chunk])
            del waiting[:chunk]
    if waiting:
        yield bytes(waiting)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)


def _place(context: str) -> str:
    return f"stream/{context}"
