"""Wrapping keys in a folder of files that only the service's own user reads."""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from countersign.ground.db import Pool

from . import keyfile
from .errors import KeysMissing, Unreadable
from .index import keyed
from .provider import OneByOne
from .suites import NONCE, SM4GCM, Suite

INDEX = "index.key"


class SealedFileProvider(OneByOne):
    """Keys in files (0600) of a folder (0700): ``wrapping-0001.key`` … and ``index.key``.

    ``suite`` decides what a new wrapping key is for: AES-256 key wrap (RFC 3394), or SM4-GCM.
    A folder without keys gets its first ones; use ``open_keys`` where a database may already
    hold data. Raises KeysExposed, KeyDamaged or KeysMissing.
    """

    def __init__(self, folder: Path, suite: Suite = Suite.AES_256_GCM) -> None:
        self._folder = folder
        self._suite = suite
        self._wrapping: dict[int, tuple[bytes, Suite]] = {}
        keyfile.private_folder(folder)
        if not has_keys(folder):
            # the index key first: a folder with a wrapping key is then always complete
            keyfile.create(folder / INDEX, suite)
            keyfile.create(_file(folder, 1), suite)
        self.refresh()
        if not (folder / INDEX).is_file():
            raise KeysMissing(folder=folder)
        self._index, _ = keyfile.read(folder / INDEX)

    def current_version(self) -> int:
        return max(self._wrapping)

    def refresh(self) -> None:
        self._wrapping = {
            int(path.stem.removeprefix("wrapping-")): keyfile.read(path)
            for path in self._folder.glob("wrapping-[0-9][0-9][0-9][0-9].key")
        }

    def add_version(self) -> int:
        self.refresh()
        version = self.current_version() + 1
        keyfile.create(_file(self._folder, version), self._suite)
        self.refresh()
        return version

    def wrap(self, version: int, key: bytes) -> bytes:
        wrapping, suite = self._key(version)
        if suite is Suite.SM4_GCM:
            nonce = token_bytes(NONCE)
            return nonce + _sm4(wrapping).encrypt(nonce, key, _bound(version))
        return aes_key_wrap(wrapping, key)

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        wrapping, suite = self._key(version)
        try:
            if suite is Suite.SM4_GCM:
                nonce, box = wrapped[:NONCE], wrapped[NONCE:]
                return _sm4(wrapping).decrypt(nonce, box, _bound(version))
            return aes_key_unwrap(wrapping, wrapped)
        except (InvalidUnwrap, InvalidTag, ValueError):
            raise Unreadable from None

    def index_key(self) -> bytes:
        return self._index

    def describe(self) -> str:
        return f"files in {self._folder}, {len(self._wrapping)} wrapping keys"

    def _key(self, version: int) -> tuple[bytes, Suite]:
        if version not in self._wrapping:
            self.refresh()  # another process may have made it since
        if version not in self._wrapping:
            raise KeysMissing(folder=self._folder)
        return self._wrapping[version]


def has_keys(folder: Path) -> bool:
    """Whether the folder holds a wrapping key."""
    return any(folder.glob("wrapping-*.key"))


def open_keys(pool: Pool, folder: Path, suite: Suite = Suite.AES_256_GCM) -> SealedFileProvider:
    """The provider of ``folder``, with first keys only where the database has none yet.

    ``pool`` logs in as DbRole.VAULT. Raises KeysMissing where data keys exist but the
    folder is empty: new keys there would hide that the old ones are lost.
    """
    if not has_keys(folder) and pool.rows("select 1 from vault.data_key limit 1"):
        raise KeysMissing(folder=folder)
    return SealedFileProvider(folder, suite)


def _file(folder: Path, version: int) -> Path:
    return folder / f"wrapping-{version:04d}.key"


def _sm4(wrapping: bytes) -> SM4GCM:
    return SM4GCM(keyed(Suite.SM4_GCM, wrapping, b"SM4-GCM wrapping")[: Suite.SM4_GCM.key_bytes])


def _bound(version: int) -> bytes:
    return f"wrapping\0{version}".encode()
