"""Sends one request to a server of the intranet, or refuses to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from .errors import EgressFailed, EgressRefused
from .places import Place

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer that is taken unless the caller allows more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the status, the headers by lower-case name, the whole body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Egress:
    """Asks servers of the intranet. Safe to use from many threads.

    ``allowed`` is the allow-list; with none, nothing is contacted. ``refused`` is told the
    place of each request that was turned down. ``authorities`` is a file of CA certificates
    that are trusted beside the system's.
    """

    def __init__(
        self,
        allowed: Sequence[Place] = (),
        refused: Callable[[str], None] | None = None,
        authorities: Path | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._refused = refused
        # No proxy, no .netrc and no certificate path that the environment names.
        verify = httpx.create_ssl_context(verify=str(authorities)) if authorities else True
        self._client = httpx.Client(trust_env=False, follow_redirects=False, verify=verify)

    def close(self) -> None:
        """Closes what is still connected."""
        self._client.close()

    def allows(self, url: str) -> bool:
        """Whether the list names the server of ``url``."""
        return self._asked(url)[1]

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout: float = 5.0,
        largest: int = LARGEST,
    ) -> Answer:
        """The answer, whatever its status; redirects are answers and are not followed.

        ``timeout`` is in seconds, for each of connecting, sending and receiving; ``largest``
        is in bytes. Raises EgressRefused before anything is sent, EgressFailed afterwards.
        """
        place, allowed = self._asked(url)
        if not allowed:
            if self._refused is not None:
                self._refused(place)
            raise EgressRefused(place=place)
        try:
            with self._client.stream(
                method, url, headers=dict(headers or {}), content=content, timeout=timeout
            ) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > largest:
                        raise EgressFailed(place=place, problem="the answer is too large")
                return Answer(answer.status_code, _headers(answer.headers), bytes(body))
        except httpx.HTTPError as problem:
            raise EgressFailed(place=place, problem=type(problem).__name__) from problem

    def _asked(self, url: str) -> tuple[str, bool]:
        """The place of ``url`` for people to read, and whether it may be contacted."""
        try:
            asked = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            return "?", False
        port = asked.port or {"http": 80, "https": 443}.get(asked.scheme, 0)
        place = f"{asked.host}:{port}"
        if not asked.host or not port or asked.userinfo:
            return place, False
        return place, any(one.covers(asked.host, port) for one in self._allowed)


def _headers(given: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}
