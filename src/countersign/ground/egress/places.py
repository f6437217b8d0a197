"""Which addresses of the intranet may be contacted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from countersign.kit.errors import CountersignError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


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
        try:
            return ipaddress.ip_address(host) in self.network
        except ValueError:
            return False


def places(texts: Iterable[str]) -> tuple[Place, ...]:
    """The allow-list that ``texts`` write down. Raises BadPlace."""
    return tuple(_place(text.strip()) for text in texts if text.strip())


def _place(text: str) -> Place:
    host, port = text.lower(), None
    if match := re.fullmatch(r"([^:]+|\[.+\]):(\d{1,5})", host):
        host, port = match[1], int(match[2])
    host = host.strip("[]").rstrip(".")
    try:
        return Place(host, ipaddress.ip_network(host, strict=False), port)
    except ValueError:
        if not _HOST.fullmatch(host) or port == 0:
            raise BadPlace(text=text) from None
        return Place(host, None, port)
