"""Keeps the ledger's signing key in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from contextlib import suppress
from pathlib import Path

from .cosignature import ALGORITHM as COSIGNATURE
from .cosignature import Cosigner
from .errors import KeyUnsafe
from .note import Signer

FILE = "ledger.key"
WITNESS_FILE = "witness.key"
_ED25519 = b"\x01"
_PREFIX = "PRIVATE+KEY"


def open_signer(folder: Path, origin: str) -> Signer:
    """The signer whose key lies in ``folder``; made on first use (0600, the folder 0700).

    The file holds one line, ``PRIVATE+KEY+<origin>+<id>+<base64>``, as signed-note tools
    write it. Raises KeyUnsafe when others may read it, or it belongs to another origin.
    """
    return Signer(origin, _seed(folder / FILE, origin, _ED25519))


def open_cosigner(folder: Path, name: str) -> Cosigner:
    """The witness whose key lies in ``folder``; otherwise as ``open_signer``."""
    return Cosigner(name, _seed(folder / WITNESS_FILE, name, COSIGNATURE))


def _seed(file: Path, name: str, algorithm: bytes) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        _make(file, name, algorithm)
    if file.stat().st_mode & 0o077:
        raise KeyUnsafe(file=file, reason=f"others can read it; run “chmod 600 {file}”")
    return _read(file, name, algorithm)


def _key_id(name: str, algorithm: bytes, seed: bytes) -> str:
    made = Cosigner(name, seed) if algorithm == COSIGNATURE else Signer(name, seed)
    return made.verifier.key_id.hex()


def _make(file: Path, origin: str, algorithm: bytes) -> None:
    """Writes aside and links, so that of two first starts one key wins and none is torn."""
    seed = secrets.token_bytes(32)
    key_id = _key_id(origin, algorithm, seed)
    encoded = b64encode(algorithm + seed).decode()
    line = f"{_PREFIX}+{origin}+{key_id}+{encoded}\n"
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(file: Path, origin: str, algorithm: bytes) -> bytes:
    parts = file.read_text(encoding="utf-8").strip().split("+", 4)
    if len(parts) != 5 or "+".join(parts[:2]) != _PREFIX:
        raise KeyUnsafe(file=file, reason="it is not a signing key; restore it from its backup")
    _, _, name, key_id, encoded = parts
    if name != origin:
        raise KeyUnsafe(file=file, reason=f"it belongs to “{name}”, the settings say “{origin}”")
    try:
        key = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) != 33 or key[:1] != algorithm or _key_id(origin, algorithm, key[1:]) != key_id:
        raise KeyUnsafe(file=file, reason="it is damaged; restore it from its backup")
    return key[1:]
