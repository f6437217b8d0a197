"""Which names, addresses and sockets a connection string leads to."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

Whereabouts = tuple[list[str], list[tuple[str, int]], list[str]]
"""Names to look up, endpoints (host or address, port), folders of Unix sockets."""


def places_of(conninfo: str) -> Whereabouts:
    """What may be contacted for ``conninfo``; several hosts have commas between, as libpq's do."""
    parts = conninfo_to_dict(conninfo)
    hosts = [one for one in str(parts.get("host") or "").split(",") if one]
    numeric = [one for one in str(parts.get("hostaddr") or "").split(",") if one]
    ports = [int(one) for one in str(parts.get("port") or "5432").split(",") if one]
    names = [one for one in hosts if not one.startswith(("/", "@"))]
    folders = [one for one in hosts if one.startswith("/")]
    endpoints = [(host, port) for host in [*names, *numeric] for port in ports]
    return names, endpoints, folders
