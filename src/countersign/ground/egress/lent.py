"""Egress as a transport of httpx, for libraries that bring requests of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import httpx


class _Answered(Protocol):
    status: int
    headers: Mapping[str, str]

    def __iter__(self) -> Iterator[bytes]: ...


class _Asks(Protocol):
    """What ``Egress.stream`` is."""

    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout: float = 60.0,
        largest: int = 0,
    ) -> AbstractContextManager[_Answered]: ...


class Lent(httpx.BaseTransport):
    """Every request of the client goes through ``Egress.stream`` and through nothing else."""

    def __init__(self, egress: _Asks, seconds: float, largest: int) -> None:
        self._egress = egress
        self._seconds = seconds
        self._largest = largest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises what ``Egress.stream`` raises."""
        parts = _whole(self._egress, request, self._seconds, self._largest)
        answer = next(parts)
        assert isinstance(answer, tuple)  # noqa: S101 - narrows the type
        status, headers = answer
        return httpx.Response(status, headers=headers, stream=_Body(parts))


def _whole(
    egress: _Asks, request: httpx.Request, seconds: float, largest: int
) -> Generator[tuple[int, dict[str, str]] | bytes]:
    """First the status and the headers, then the parts of the body; the request ends with it."""
    headers = {name: value for name, value in request.headers.items() if name not in _OURS}
    with egress.stream(
        request.method,
        str(request.url),
        headers=headers,
        content=request.read(),
        timeout=seconds,
        largest=largest,
    ) as answer:
        yield answer.status, dict(answer.headers)
        yield from answer


_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})
"""What egress says by itself; nothing packed is asked for, so that ``largest`` means something."""


class _Body(httpx.SyncByteStream):
    def __init__(self, parts: Generator[tuple[int, dict[str, str]] | bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            assert isinstance(part, bytes)  # noqa: S101 - narrows the type
            yield part

    def close(self) -> None:
        self._parts.close()
