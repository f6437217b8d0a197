"""Connects to an address that was checked, and to no other that the name may lead to later."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from .errors import AddressRefused
from .guard import GUARD
from .pace import SLICE, DeadlinePassed, left, look, watched
from .places import Place, address_of, may_lead_to

if TYPE_CHECKING:
    from ssl import SSLContext

Resolve = Callable[[str, int], list[str]]
"""The addresses of a name, best first; raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver answers. Raises OSError."""
    with GUARD.resolving(host):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Backend(httpcore.NetworkBackend):
    """Resolves, checks and connects in one step; the certificate is checked by name later."""

    def __init__(self, allowed: Iterable[Place], resolve: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises AddressRefused, and httpcore.ConnectError or ConnectTimeout."""
        problem: Exception = httpcore.ConnectError("the name leads nowhere")
        for address in self._addresses(host, port, left(timeout)):
            try:
                with GUARD.connecting(address, port):
                    stream = self._plain.connect_tcp(address, port, left(timeout))
                return _Paced(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                problem = failed
        raise problem

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """There is none to connect to."""
        raise httpcore.ConnectError("no Unix socket is ever contacted")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        found = self._looked_up(host, port, timeout)
        good = [one for one in found if may_lead_to(self._allowed, one, port)]
        if found and not good:
            raise AddressRefused(place=f"{host}:{port}", address=found[0])
        return good

    def _looked_up(self, host: str, port: int, timeout: float | None) -> list[str]:
        """The resolver takes no deadline of its own, so it is waited for in a thread."""
        if address_of(host) is not None:
            return [host]  # an address needs nobody who knows names
        answer: list[list[str] | Exception] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(host, port))
            except (OSError, UnicodeError) as problem:
                answer.append(problem)

        asking = threading.Thread(target=ask, daemon=True, name="egress-resolver")
        asking.start()
        asking.join(timeout)
        if not answer:
            raise httpcore.ConnectTimeout("the name server does not answer")
        if isinstance(answer[0], Exception):
            raise httpcore.ConnectError("the name is unknown") from answer[0]
        return answer[0]


class _Paced(httpcore.NetworkStream):
    """A connection whose every step ends by the deadline of the request that it serves."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Where it is watched, the wait is cut in slices: nothing is lost between two of them."""
        while watched():
            step = left(timeout)
            try:
                return self._stream.read(max_bytes, SLICE if step is None else min(step, SLICE))
            except httpcore.ReadTimeout:
                left(timeout)
                look()
        return self._stream.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Paced(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.BaseTransport):
    """What httpx sends with: the checked backend, no proxy, one pool keyed by name.

    ``kept`` connections stay open for the next requests.
    """

    def __init__(self, backend: Backend, context: SSLContext, kept: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            network_backend=backend,
            max_connections=None,  # each request has its deadline, and its caller a bound
            max_keepalive_connections=kept,
            keepalive_expiry=5.0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises AddressRefused, DeadlinePassed, and httpcore's own errors."""
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101 - narrows the type
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer)
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


UNREACHED = (httpcore.ConnectError, httpcore.ConnectTimeout)
"""Nothing was sent."""

FAILURES = (
    httpx.HTTPError,
    httpx.StreamError,
    httpcore.ProtocolError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    DeadlinePassed,
)
"""Everything that an answer may fail with."""
