"""One key in one file that only its owner reads, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path

from .errors import KeyDamaged, KeysExposed
from .index import keyed
from .suites import Suite

KEY_BYTES = 32
TITLES = {Suite.AES_256_GCM: b"countersign key 1", Suite.SM4_GCM: b"countersign key 2 sm4"}
"""The first line of a key file; it says which algorithms the key is for."""


def private_folder(folder: Path) -> None:
    """Makes the folder with mode 0700, or refuses one that others may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_exposed(folder, folder.stat(), "700")


def create(path: Path, suite: Suite = Suite.AES_256_GCM) -> None:
    """Puts a new random key at ``path``; where a key already is, that one stays.

    The file appears under its name complete and on the disk, or not at all, so that two
    processes that start at the same time agree on one key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_written(path.stem, secrets.token_bytes(KEY_BYTES), suite))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        _sync(path.parent)
    finally:
        draft.unlink()


def read(path: Path) -> tuple[bytes, Suite]:
    """The 32 bytes of the key, and what it is for. Raises KeysExposed or KeyDamaged."""
    with path.open("rb") as file:
        _refuse_exposed(path, os.fstat(file.fileno()), "600")
        content = file.read(4096)
    try:
        lines = content.split(b"\n")
        suite = next(suite for suite, title in TITLES.items() if title == lines[0])
        key = bytes.fromhex(lines[2].removeprefix(b"key ").decode("ascii"))
    except (IndexError, StopIteration, ValueError):
        raise KeyDamaged(path=path) from None
    if len(key) != KEY_BYTES or content != _written(path.stem, key, suite):
        raise KeyDamaged(path=path)
    return key, suite


def read_secret(path: Path) -> str:
    """The one line of a file that only its owner reads: a token, a PIN.

    Raises KeysExposed, or KeyDamaged for an empty or missing file.
    """
    try:
        with path.open("rb") as file:
            _refuse_exposed(path, os.fstat(file.fileno()), "600")
            text = file.read(4096).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise KeyDamaged(path=path) from None
    if not text or not text.isprintable():
        raise KeyDamaged(path=path)
    return text


def _written(name: str, key: bytes, suite: Suite) -> bytes:
    """The file's content; the check finds a file that was cut, mixed up or mistyped.

    It is a plain SHA-256 for AES, as it always was, and HMAC-SM3 under the key for SM4.
    """
    head = TITLES[suite] + f"\nname {name}\nkey {key.hex()}\n".encode()
    sm4 = suite is Suite.SM4_GCM
    check = keyed(suite, key, head).hex() if sm4 else sha256(head).hexdigest()
    return head + f"check {check[:16]}\n".encode()


def _refuse_exposed(path: Path, status: os.stat_result, wanted: str) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077 or status.st_uid not in (os.geteuid(), 0):
        raise KeysExposed(path=path, mode=f"{mode:04o}", wanted=wanted)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
