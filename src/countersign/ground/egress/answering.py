"""TLS for what listens here beside the pages, made where the network is spoken to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

Tls = ssl.SSLContext
"""By this name elsewhere, where the network is not spoken to."""


def answering(certificate: Path, key: Path, clients: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer. With ``clients``, a file of CA certificates, whoever connects must show
    a certificate that one of them signed. Raises OSError (ssl.SSLError) for unusable files.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if clients is not None:
        context.load_verify_locations(cafile=str(clients))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def share_port(listening: socket.socket) -> None:
    """Lets a second process bind the same address, so that replacing the first refuses nobody."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def welcome(peers: Sequence[IPv4Network | IPv6Network], address: str) -> bool:
    """Whether a peer of this address may connect."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in peers if network.version == mapped.version)
