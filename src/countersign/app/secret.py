"""The installation's own secret, from which database passwords and hash keys are derived."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from countersign.kit.errors import CountersignError

FILE = "installation.secret"


class SecretExposed(CountersignError):
    code = "settings.secret_exposed"
    status = 500
    message = "Others can read {file}. Run “chmod 600 {file}” and start again."


def installation_secret(folder: Path) -> bytes:
    """32 bytes kept in ``folder``, made at the first start (file 0600, folder 0700).

    Written aside and linked, so that of two first starts one secret wins. Raises
    SecretExposed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / FILE
    if not file.exists():
        aside = folder / f"{FILE}.{os.getpid()}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(aside)
        aside.unlink()
    if file.stat().st_mode & 0o077:
        raise SecretExposed(file=file)
    return file.read_bytes()


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose only."""
    return hmac.digest(secret, purpose.encode(), "sha256")
