"""The one socket that every web process shares, so that replacing them refuses nobody."""

from __future__ import annotations

from typing import Protocol

from uvicorn import Config

from countersign.kit.errors import CountersignError

from .settings import Settings


class Listening(Protocol):
    """A socket on which connections arrive."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class AddressTaken(CountersignError):
    code = "app.address_taken"
    status = 500
    message = (
        "Nothing can be served at {host}:{port}. End what listens there, or choose another "
        "COUNTERSIGN_HOST or COUNTERSIGN_PORT."
    )


def listen(settings: Settings) -> Listening:
    """Binds the address and listens: from now on a connection waits rather than is refused.

    Raises AddressTaken; the reason stands in the line before.
    """
    config = Config("", host=settings.host, port=settings.port, log_level="warning")
    try:
        bound = config.bind_socket()
    except SystemExit:
        raise AddressTaken(host=settings.host, port=settings.port) from None
    bound.listen(2048)
    return bound
