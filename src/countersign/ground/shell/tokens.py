"""Cookies, and the token that shows that a form was sent from one of our own pages."""

from __future__ import annotations

import hmac
import secrets

FIELD = "csrf"
HEADER = "x-csrf-token"


def form_token(secret: str) -> str:
    """The token of a session: only who knows the session's secret cookie can make it.

    It is the ``csrf`` of identity's session, made here without asking the database.
    """
    return hmac.digest(secret.encode("utf-8", "replace"), b"csrf", "sha256").hex()


def same_token(secret: str, given: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(form_token(secret).encode(), given.encode())


def new_visitor() -> str:
    """A secret for a browser that has not signed in yet, so that sign-in is protected too."""
    return secrets.token_urlsafe(24)


def cookie_name(name: str, secure: bool) -> str:
    """Over TLS with the prefix that keeps a neighbouring host from setting it (RFC 6265bis)."""
    return f"__Host-{name}" if secure else name
