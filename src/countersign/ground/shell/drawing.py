"""Draws what a telephone reads from the screen; nothing leaves the house for it."""

from __future__ import annotations

import segno

from countersign.ground.identity import enrolment_address


def drawing(secret: str, issuer: str, account: str) -> str:
    """A QR code as a ``data:`` address of an SVG, black on white with its quiet zone."""
    return drawn(enrolment_address(secret, issuer, account))


def drawn(address: str) -> str:
    """Any address as such a QR code."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_data_uri(scale=4, light="#fff", dark="#000")


def spaced(secret: str) -> str:
    """The secret in groups of four, for whoever types it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
