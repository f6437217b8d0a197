"""Which addresses of the intranet may be contacted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from countersign.kit.errors import CountersignError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")

INTRANET: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private: RFC 1918
        "127.0.0.0/8", "::1/128",  # loopback: RFC 1122, RFC 4291
        "169.254.0.0/16", "fe80::/10",  # link-local: RFC 3927, RFC 4291
        "fc00::/7",  # unique-local: RFC 4193
    )
)  # fmt: skip
"""Where a listed name may lead without its network being listed too."""


class BadPlace(CountersignError):
    code = "egress.bad_place"
    status = 500
    message = (
        "{text} is no place that can be allowed. Write HOST, HOST:PORT, an address or a network "
        "such as 10.20.0.0/16, several of them with commas between."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the allow-list: a host name or a network, and a port or None for every port."""

    host: str
    network: Network | None
    port: int | None

    def covers(self, host: str, port: int) -> bool:
        """Whether the server ``host`` (a name or an address as text) at ``port`` is meant."""
        if self.port is not None and port != self.port:
            return False
        if self.network is None:
            return host.lower().rstrip(".") == self.host
        found = address_of(host)
        return found is not None and found in self.network

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.port is not None else self.host
        return host if self.port is None else f"{host}:{self.port}"


def places(texts: Iterable[str]) -> tuple[Place, ...]:
    """The allow-list that ``texts`` write down. Raises BadPlace."""
    return tuple(_place(text.strip()) for text in texts if text.strip())


def address_of(text: str) -> Address | None:
    """The address that ``text`` writes down, None when it is a name.

    An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2) is taken as the IPv4 address that is
    really contacted.
    """
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def may_lead_to(allowed: Iterable[Place], address: str, port: int) -> bool:
    """Whether a listed name may be followed to ``address``: inside the intranet, or listed."""
    found = address_of(address)
    if found is None:
        return False
    return any(found in network for network in INTRANET) or any(
        place.network is not None and place.covers(str(found), port) for place in allowed
    )


def _place(text: str) -> Place:
    host, port = text.lower(), None
    if match := re.fullmatch(r"([^:]+|\[.+\]):(\d{1,5})", host):
        host, port = match[1], int(match[2])
    host = host.strip("[]").rstrip(".")
    if port is not None and not 0 < port < 65536:
        raise BadPlace(text=text)
    try:
        return Place(host, ipaddress.ip_network(host, strict=False), port)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise BadPlace(text=text) from None
        return Place(host, None, port)
