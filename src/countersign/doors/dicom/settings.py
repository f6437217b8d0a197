"""What an installation says of DICOM: where to listen, under which title, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True)
class DicomSettings:
    """``port`` 0 listens nowhere. ``title`` is this AE and ``callers`` the AE titles that may
    send: nobody else. ``peers`` are the networks that may connect. ``certificate`` and ``key``
    are files and mean TLS; ``clients`` is the file of authorities of whom a peer must show a
    certificate. ``largest`` is the most bytes of an instance, by C-STORE and by STOW-RS alike;
    ``quiet`` the seconds after which no more of a series is awaited, ``idle`` those after which
    a silent peer is left, ``associations`` how many there may be at once.
    """

    host: str = "127.0.0.1"
    port: int = 0
    title: str = "COUNTERSIGN"
    callers: tuple[str, ...] = ()
    peers: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"),)
    certificate: Path | None = None
    key: Path | None = None
    clients: Path | None = None
    largest: int = 8 * GIBIBYTE
    quiet: float = 30.0
    idle: float = 60.0
    associations: int = 16


def is_title(text: str) -> bool:
    """Whether this is an AE title: 1 to 16 printable signs without a backslash (PS3.5, VR AE)."""
    return 0 < len(text) <= 16 and text.isascii() and text.isprintable() and "\\" not in text
