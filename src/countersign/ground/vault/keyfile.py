"""One key in one file that only its owner reads, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path

from .errors import KeyDamaged, KeysExposed

KEY_BYTES = 32


def private_folder(folder: Path) -> None:
    """Makes the folder with mode 0700, or refuses one that others may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_exposed(folder, folder.stat(), "700")


def create(path: Path) -> None:
    """Puts a new random key at ``path``; where a key already is, that one stays.

    The file appears under its name complete and on the disk, or not at all, so that two
    processes that start at the same time agree on one key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_written(path.stem, secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        _sync(path.parent)
    finally:
        draft.unlink()


def read(path: Path) -> bytes:
    """The 32 bytes of the key. Raises KeysExposed or KeyDamaged."""
    with path.open("rb") as file:
        _refuse_exposed(path, os.fstat(file.fileno()), "600")
        content = file.read(4096)
    try:
        key = bytes.fromhex(content.split(b"\n")[2].removeprefix(b"key ").decode("ascii"))
    except (IndexError, ValueError):
        raise KeyDamaged(path=path) from None
    if len(key) != KEY_BYTES or content != _written(path.stem, key):
        raise KeyDamaged(path=path)
    return key


def _written(name: str, key: bytes) -> bytes:
    """The file's content; the check finds a file that was cut, mixed up or mistyped."""
    head = f"countersign key 1\nname {name}\nkey {key.hex()}\n".encode()
    return head + f"check {sha256(head).hexdigest()[:16]}\n".encode()


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
