"""Carries the key folder to another place, sealed under a passphrase, and brings it back."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from countersign.kit.errors import CountersignError

MAGIC = b"countersign keys 1\n"
COST, BLOCK, PARALLEL = 2**17, 8, 1
"""scrypt (RFC 7914): 128 MiB and about half a second for each guess."""

LEAST = 12
"""Characters of a passphrase."""


class WeakPassphrase(CountersignError):
    code = "keys.weak_passphrase"
    status = 422
    message = "The passphrase has fewer than {least} characters. Choose a longer one."


class NotOpened(CountersignError):
    code = "keys.not_opened"
    status = 422
    message = "{file} does not open: the passphrase is another one, or the file is damaged."


class KeysPresent(CountersignError):
    code = "keys.present"
    status = 409
    message = "{folder} already holds keys. Nothing was changed. Import into an empty home."


class NoKeys(CountersignError):
    code = "keys.none"
    status = 409
    message = "{folder} holds no keys. Bring them back first: “countersign keys import FILE”."


def export(folder: Path, file: Path, passphrase: str) -> int:
    """Writes every file of ``folder`` sealed into the new ``file`` (0600); how many they were.

    Raises WeakPassphrase, NoKeys, and FileExistsError rather than overwrite.
    """
    if len(passphrase) < LEAST:
        raise WeakPassphrase(least=LEAST)
    files = {
        one.relative_to(folder).as_posix(): b64encode(one.read_bytes()).decode()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }
    if not files:
        raise NoKeys(folder=folder)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    box = AESGCM(_key(passphrase, salt)).encrypt(nonce, json.dumps(files).encode(), MAGIC)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(MAGIC + salt + nonce + box)
        out.flush()
        os.fsync(out.fileno())
    return len(files)


def bring_in(file: Path, folder: Path, passphrase: str) -> int:
    """Puts the keys of ``file`` into the empty ``folder``; how many files they were.

    Raises NotOpened, and KeysPresent where there are keys already.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise KeysPresent(folder=folder)
    content = file.read_bytes()
    body = content[len(MAGIC) :]
    try:
        if not content.startswith(MAGIC):
            raise ValueError
        plain = AESGCM(_key(passphrase, body[:16])).decrypt(body[16:28], body[28:], MAGIC)
    except (InvalidTag, ValueError):
        raise NotOpened(file=file) from None
    files: dict[str, str] = json.loads(plain)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for name, encoded in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(b64decode(encoded))
            out.flush()
            os.fsync(out.fileno())
    return len(files)


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=PARALLEL).derive(passphrase.encode())
