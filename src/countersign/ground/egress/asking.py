"""Brings bytes to a server that speaks no HTTP, and takes its answer up to a mark."""

from __future__ import annotations

import ssl
from contextlib import suppress

from .delivery import Server
from .wire import Backend


class AnswerTooLong(OSError):
    """More came than is taken."""


def ask(
    backend: Backend, context: ssl.SSLContext, to: Server, content: bytes, end: bytes, largest: int
) -> bytes:
    """Sends ``content`` on a connection of its own; the answer ends with ``end``, or where the
    server ends it. Raises AddressRefused, OSError and httpcore's errors: whether the content
    arrived is then unknown.
    """
    stream = backend.connect_tcp(to.host, to.port)
    try:
        if to.tls:
            stream = stream.start_tls(context, to.host)
        for start in range(0, len(content), 65536):
            stream.write(content[start : start + 65536])
        answer = bytearray()
        while end not in answer:
            part = stream.read(65536)
            if not part:
                break
            answer += part
            if len(answer) > largest:
                raise AnswerTooLong("the answer is too long")
        return bytes(answer)
    finally:
        with suppress(OSError):
            stream.close()
