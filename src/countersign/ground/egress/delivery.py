"""Brings bytes to a server that answers nothing, and knows whether it has read them all."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

import httpcore

from countersign.kit.errors import CountersignError

from .pace import left
from .wire import Backend

_SERVER = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


class BadServer(CountersignError):
    code = "egress.bad_server"
    status = 500
    message = "“{text}” names no server. Write tcp://HOST:PORT or tls://HOST:PORT."


@dataclass(frozen=True, slots=True)
class Server:
    """A host and a port, and whether TLS is spoken there."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.tls else 'tcp'}://{host}:{self.port}"


def server(text: str) -> Server:
    """What ``Server`` writes. Raises BadServer."""
    match = _SERVER.fullmatch(text.strip())
    if match is None or not 0 < int(match[3]) < 65536:
        raise BadServer(text=text[:80])
    return Server(match[2].strip("[]").lower(), int(match[3]), match[1] == "tls")


def bring(backend: Backend, context: ssl.SSLContext, to: Server, content: bytes) -> None:
    """Sends ``content`` on a connection of its own, says that this was all, and waits for the end.

    A program that ends its side after ours has read everything; where it was ended with bytes
    unread, its system answers with a reset. Raises AddressRefused, OSError and httpcore's errors;
    how much arrived is unknown then.
    """
    stream = backend.connect_tcp(to.host, to.port)
    try:
        if to.tls:
            stream = stream.start_tls(context, to.host)
        # Piece by piece, so that the deadline of the whole holds for each.
        for start in range(0, len(content), 65536):
            stream.write(content[start : start + 65536])
        _end(stream.get_extra_info("socket"))
    finally:
        with suppress(OSError):
            stream.close()


def _end(sock: socket.socket) -> None:
    sock.settimeout(left(None))
    if isinstance(sock, ssl.SSLSocket):
        try:
            sock = sock.unwrap()
        except ssl.SSLEOFError:
            return  # it ended the connection without the courtesy of TLS, and without a reset
        except ssl.SSLError as problem:
            raise OSError(problem.reason) from problem
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    while sock.recv(65536):
        sock.settimeout(left(None))


UNDELIVERED = (
    OSError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)
"""What a delivery may fail with."""
