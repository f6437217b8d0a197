"""Events as lines of syslog (RFC 5424), for the hospital's collector."""

from __future__ import annotations

import re

from countersign.kit.clock import stamp

from .event import EventKind, Recorded

ENTERPRISE = "countersign@32473"
"""The structured data's name; 32473 is the number for examples (RFC 5612), to be replaced by a
hospital that has one of its own."""

AUTHPRIV = 10
"""Facility: security and authorisation messages."""

NOTICE, WARNING = 5, 4
_FAILED = {EventKind.SIGN_IN_FAILED, EventKind.ACCESS_DENIED}
_PLAIN = re.compile(r"[^\x21-\x7e]")
_NAME = re.compile(r'[^\x21-\x7e]|[=\]"]')


def line(event: Recorded, leaf_hash: str, origin: str, host: str) -> str:
    """One message without a line's end. Everything is in the structured data (section 6.3)."""
    severity = WARNING if event.kind in _FAILED else NOTICE
    facts = {
        "origin": origin,
        "index": str(event.index),
        "leaf": leaf_hash,
        "kind": event.kind,
        "actor": event.actor,
        "patient": event.patient,
        "subject": event.subject,
        "model": event.model,
        **{f"c-{name}": value for name, value in event.commits.items()},
        **{f"d-{name}": str(value) for name, value in event.detail.items()},
    }
    data = "".join(
        f' {_header(_NAME, name, 32)}="{_escaped(value)}"'
        for name, value in facts.items()
        if value is not None
    )
    head = f"<{AUTHPRIV * 8 + severity}>1 {stamp(event.at)} {_header(_PLAIN, host, 255)}"
    kind = _header(_PLAIN, event.kind, 32)
    return f"{head} countersign - {kind} [{ENTERPRISE}{data}]"


def framed(message: str) -> bytes:
    """One message with its length before it, as RFC 6587 §3.4.1 sends it over TCP."""
    raw = message.encode()
    return f"{len(raw)} ".encode() + raw


def _header(unfit: re.Pattern[str], text: str, longest: int) -> str:
    return unfit.sub("_", text)[:longest] or "-"


def _escaped(value: str) -> str:
    """A value of structured data: three signs escaped, and none that breaks a line."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in value)
    return clean.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
