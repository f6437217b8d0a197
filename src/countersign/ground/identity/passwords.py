"""Hashes passwords with argon2id and refuses those that are easily guessed."""

from __future__ import annotations

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import PasswordIsName, PasswordTooLong, PasswordTooShort

LEAST = 10
MOST = 256

# OWASP Password Storage Cheat Sheet, Argon2id, first choice: m = 46 MiB, t = 1, p = 1.
# About 50 ms on one core.
WORK = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)


class Passwords:
    """At most two are hashed at a time, so that a flood of attempts cannot fill the memory."""

    def __init__(self, decoy: str, work: PasswordHasher = WORK) -> None:
        """``decoy`` is a random text against which the password of an unknown name is tried."""
        self._work = work
        self._busy = BoundedSemaphore(2)
        self._decoy = work.hash(decoy)

    def hash(self, password: str) -> str:
        """The encoded hash with its parameters and salt."""
        with self._busy:
            return self._work.hash(_bytes(password))

    def fits(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password; None, for an unknown name, costs the same work."""
        with self._busy:
            try:
                self._work.verify(hashed or self._decoy, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._work.check_needs_rehash(hashed)


def check(password: str, *names: str) -> None:
    """Raises PasswordTooShort, PasswordTooLong or PasswordIsName.

    Names do not count: the rest of the password alone must be long enough.
    """
    plain = _plain(password)
    if len(plain) > MOST:
        raise PasswordTooLong(most=MOST)
    if len(plain.strip()) < LEAST:
        raise PasswordTooShort(least=LEAST)
    whole = rest = _folded(plain)
    for name in sorted({_folded(name) for name in names} - {""}, key=len, reverse=True):
        rest = rest.replace(name, "")
    if rest != whole and len(rest) < LEAST:
        raise PasswordIsName(least=LEAST)


def _plain(password: str) -> str:
    """One form for what looks the same on two keyboards (NIST SP 800-63B, 5.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _plain(password)[: 4 * MOST].encode("utf-8", "replace")


def _folded(text: str) -> str:
    return "".join(_plain(text).casefold().split())
