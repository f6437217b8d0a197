"""The files as they were received: each one sealed stream, kept in pieces in the database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO, cast

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.vault import (
    Sealed,
    SealedReader,
    StreamKey,
    Vault,
    known_stream_key,
    new_stream_key,
    seal_stream,
)

from .refusals import SourceTooLarge, UnknownDocument

PIECE = 1024 * 1024
"""Bytes of a piece; the last is shorter."""


def subject(document: str) -> str:
    """Under whose keys everything of a document is sealed."""
    return f"document:{document}"


def _context(version: str) -> str:
    return f"library/{version}"


class Sealing:
    """Seals one source while it is received; ``bytes`` and ``sha256`` are known afterwards."""

    def __init__(self, vault: Vault, document: str, version: str, limit: int) -> None:
        self._version = version
        self._limit = limit
        self._hash = sha256()
        self.bytes = 0
        self.key: StreamKey = new_stream_key(vault, subject(document), _context(version))

    def write(self, connection: Connection[DictRow], source: Iterable[bytes]) -> None:
        """Inserts the pieces. Raises SourceTooLarge; the caller's transaction ends then."""
        target = _Pieces(connection, self._version)
        seal_stream(self.key, self._counted(source), cast("BinaryIO", target))
        target.finish()

    @property
    def sha256(self) -> bytes:
        """Of what was received."""
        return self._hash.digest()

    def _counted(self, source: Iterable[bytes]) -> Iterator[bytes]:
        for part in source:
            self.bytes += len(part)
            if self.bytes > self._limit:
                raise SourceTooLarge(megabytes=self._limit // (1024 * 1024))
            self._hash.update(part)
            yield part


class _Pieces:
    """What ``seal_stream`` writes to: rows of one size."""

    def __init__(self, connection: Connection[DictRow], version: str) -> None:
        self._connection = connection
        self._version = version
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._insert(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        if self._waiting:
            self._insert(bytes(self._waiting))

    def _insert(self, content: bytes) -> None:
        self._connection.execute(
            "insert into library.piece (version, number, content) values (%s, %s, %s)",
            (self._version, self._number, content),
        )
        self._number += 1


def opened_source(pool: Pool, vault: Vault, version: str) -> SealedReader:
    """The source of a version that ``pool`` may see. Raises UnknownDocument, NotUnderstood."""
    rows = pool.rows(
        "select document, suite, key_id, box from library.version where id = %s", (version,)
    )
    if not rows:
        raise UnknownDocument
    box = Sealed(rows[0]["suite"], rows[0]["key_id"], rows[0]["box"])
    key = known_stream_key(vault, subject(rows[0]["document"]), box, _context(version))
    return SealedReader(key, _Rows(pool, version))


class _Rows:
    """The pieces of a stream as something that can be read at a position."""

    def __init__(self, pool: Pool, version: str) -> None:
        self._pool = pool
        self._version = version
        sizes = pool.rows(
            "select count(*) as pieces, coalesce(sum(octet_length(content)), 0)::bigint as bytes"
            " from library.piece where version = %s",
            (version,),
        )[0]
        self._size: int = sizes["bytes"]
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def seek(self, offset: int, whence: int = 0, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def read(self, size: int, /) -> bytes:
        end = min(self._at + size, self._size)
        parts: list[bytes] = []
        while self._at < end:
            number, within = divmod(self._at, PIECE)
            part = self._piece(number)[within : within + end - self._at]
            if not part:
                break
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)

    def _piece(self, number: int) -> bytes:
        if self._held[0] != number:
            rows = self._pool.rows(
                "select content from library.piece where version = %s and number = %s",
                (self._version, number),
            )
            self._held = (number, bytes(rows[0]["content"]) if rows else b"")
        return self._held[1]
