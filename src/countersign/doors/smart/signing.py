"""The installation's key that signs ID tokens, kept in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from countersign.kit.errors import CountersignError

FILE = "smart-signing.pem"
ALGORITHM = "RS256"
"""What OpenID Connect Core (15.1) demands of every provider."""

BITS = 3072


class SigningKeyUnsafe(CountersignError):
    code = "smart.signing_key_unsafe"
    status = 500
    message = "The key {file} cannot be used: {reason}."


class SigningKey:
    """Made at its first use, so that a house without apps has none. Safe among threads."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = Lock()
        self._key: RSAKey | None = None

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT in compact form. Raises SigningKeyUnsafe."""
        key = self._open()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, dict(claims), key, [ALGORITHM])

    def public(self) -> dict[str, Any]:
        """The JWK set by which others verify. Raises SigningKeyUnsafe."""
        key = self._open()
        return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}

    def _open(self) -> RSAKey:
        with self._lock:
            if self._key is None:
                if not self._file.exists():
                    self._make()
                self._key = self._read()
            return self._key

    def _read(self) -> RSAKey:
        if self._file.stat().st_mode & 0o077:
            reason = f"others can read it; run “chmod 600 {self._file}”"
            raise SigningKeyUnsafe(file=self._file, reason=reason)
        try:
            key = RSAKey.import_key(self._file.read_bytes())
        except (JoseError, ValueError):
            reason = "it is damaged; restore it from its backup"
            raise SigningKeyUnsafe(file=self._file, reason=reason) from None
        key.ensure_kid()
        return key

    def _make(self) -> None:
        """Writes aside and links, so that of two first uses one key wins and none is torn."""
        pem = RSAKey.generate_key(BITS, auto_kid=False).as_pem(private=True)
        draft = self._file.with_name(f".{FILE}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(pem)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            self._file.hardlink_to(draft)
        draft.unlink()
