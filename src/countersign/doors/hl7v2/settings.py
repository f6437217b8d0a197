"""What an installation says of HL7 v2: where to listen, to whom, and where results go."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from countersign.ground.egress import Server

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Hl7v2Settings:
    """``port`` 0 listens nowhere. ``peers`` are the networks that may connect. ``certificate``
    and ``key`` are files and mean TLS; ``clients`` is the file of authorities of whom a peer must
    show a certificate. ``departments`` are the codes of those whose staff may see patients who
    come by a message that names no department of the house. ``send`` is where signed results
    go. ``largest`` is in bytes, ``idle`` in seconds.
    """

    host: str = "127.0.0.1"
    port: int = 0
    peers: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"),)
    certificate: Path | None = None
    key: Path | None = None
    clients: Path | None = None
    departments: tuple[str, ...] = ("general-medicine",)
    send: Server | None = None
    largest: int = 16 * 1024 * 1024
    idle: float = 600.0
