"""Codes of an authenticator application (RFC 6238): made, drawn as an address, and checked."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP = 30
"""Seconds for which a code is shown (RFC 6238, 4.1)."""

DIGITS = 6
DRIFT = 1
"""Steps by which the two clocks may differ (RFC 6238, 5.2 recommends at most one)."""

SECRET = 20
"""Bytes of a secret: the length of the hash's output (RFC 4226, 4: R6)."""


def new_secret() -> str:
    """160 random bits in base32, as a person may type them."""
    return base64.b32encode(secrets.token_bytes(SECRET)).decode()


def step_at(now: datetime) -> int:
    """The number of the time step of ``now``."""
    return int(now.timestamp()) // STEP


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 6238 with HMAC-SHA-1, which every application knows)."""
    key = base64.b32decode(secret)
    # SHA-1 is sound in HMAC, and many applications ignore any other algorithm's name.
    return HOTP(key, digits, SHA1()).generate(step).decode()  # noqa: S303


def step_of(secret: str, given: str, now: datetime) -> int | None:
    """The step near ``now`` whose code was given, or None. Takes the same time either way.

    Raises nothing: a secret that cannot be read fits no code.
    """
    said = "".join(given.split()).encode("utf-8", "replace")
    found = None
    for step in range(step_at(now) - DRIFT, step_at(now) + DRIFT + 1):
        try:
            right = hmac.compare_digest(code(secret, step).encode(), said)
        except (binascii.Error, ValueError):
            return None
        if right:
            found = step
    return found


def address(secret: str, issuer: str, account: str) -> str:
    """What an application reads from the drawing: the key URI format, ``otpauth://totp/…``."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{label}?{query}"
