"""Wrapping keys in a folder of files that only the service's own user reads."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from countersign.ground.db import Pool

from . import keyfile
from .errors import KeysMissing, Unreadable

INDEX = "index.key"


class SealedFileProvider:
    """Keys in files (0600) of a folder (0700): ``wrapping-0001.key`` … and ``index.key``.

    Wraps with AES-256 key wrap (RFC 3394). A folder without keys gets its first ones;
    use ``open_keys`` where a database may already hold data. Raises KeysExposed,
    KeyDamaged or KeysMissing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wrapping: dict[int, bytes] = {}
        keyfile.private_folder(folder)
        if not has_keys(folder):
            # the index key first: a folder with a wrapping key is then always complete
            keyfile.create(folder / INDEX)
            keyfile.create(_file(folder, 1))
        self._read()
        if not (folder / INDEX).is_file():
            raise KeysMissing(folder=folder)
        self._index = keyfile.read(folder / INDEX)

    def current_version(self) -> int:
        return max(self._wrapping)

    def wrap(self, version: int, key: bytes) -> bytes:
        return aes_key_wrap(self._key(version), key)

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._key(version), wrapped)
        except (InvalidUnwrap, ValueError):
            raise Unreadable from None

    def index_key(self) -> bytes:
        return self._index

    def add_version(self) -> int:
        """Makes the next wrapping key and returns its version; older versions still unwrap."""
        version = self.current_version() + 1
        keyfile.create(_file(self._folder, version))
        self._read()
        return version

    def _key(self, version: int) -> bytes:
        if version not in self._wrapping:
            self._read()  # another process may have made it since
        if version not in self._wrapping:
            raise KeysMissing(folder=self._folder)
        return self._wrapping[version]

    def _read(self) -> None:
        self._wrapping = {
            int(path.stem.removeprefix("wrapping-")): keyfile.read(path)
            for path in self._folder.glob("wrapping-[0-9][0-9][0-9][0-9].key")
        }


def has_keys(folder: Path) -> bool:
    """Whether the folder holds a wrapping key."""
    return any(folder.glob("wrapping-*.key"))


def open_keys(pool: Pool, folder: Path) -> SealedFileProvider:
    """The provider of ``folder``, with first keys only where the database has none yet.

    ``pool`` logs in as DbRole.VAULT. Raises KeysMissing where data keys exist but the
    folder is empty: new keys there would hide that the old ones are lost.
    """
    if not has_keys(folder) and pool.rows("select 1 from vault.data_key limit 1"):
        raise KeysMissing(folder=folder)
    return SealedFileProvider(folder)


def _file(folder: Path, version: int) -> Path:
    return folder / f"wrapping-{version:04d}.key"
