"""The events about accounts and sessions, as the ledger keeps them."""

from __future__ import annotations

from countersign.ground.ledger import Event, EventKind

from .principal import Facts, Principal, Purpose

ACCOUNT = Facts.house("account")
DESK = Principal.system("sign-in")
"""Who acts before anybody has proved who they are."""


def entered(person: str, session: str, purpose: Purpose, more: dict[str, str]) -> Event:
    """Somebody signed in; ``more`` says by what, where it was not the password alone."""
    return Event(
        kind=EventKind.SIGN_IN,
        actor=f"person:{person}",
        subject=f"session:{session}",
        detail={"purpose": str(purpose), **more},
    )


def changed(by: Principal, person: str, change: str) -> Event:
    """Something about a person's account was changed."""
    return Event(
        kind=EventKind.PERSON_CHANGED,
        actor=by.actor,
        subject=f"person:{person}",
        detail={"change": change},
    )


def ended(actor: str, session: str, revoked: bool) -> Event:
    """A session ended; ``revoked`` when by its identifier and not by its own token."""
    return Event(
        kind=EventKind.SIGN_OUT,
        actor=actor,
        subject=f"session:{session}",
        detail={"revoked": revoked},
    )
