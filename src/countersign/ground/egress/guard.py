"""Refuses every connection of any library that egress did not announce, and reports it.

Python tells an audit hook of each name that is looked up and each connection that is opened,
by whichever library (PEP 578). What it cannot see are C libraries that open sockets by
themselves, such as libpq, and other programs: docs/operate.md says what fences those.
"""

from __future__ import annotations

import inspect
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from .errors import HookRefused
from .places import address_of

KEPT = 100
"""Refusals that are kept until somebody listens."""

Tell = Callable[[str, str], None]
"""Is told the place and the module that wanted to go there."""

_OWN = ("socket", "asyncio", "ssl", "http.client", "urllib", "selectors", "uvloop")


class _Permit(threading.local):
    names: tuple[str, ...] = ()
    endpoints: tuple[tuple[str, int], ...] = ()


class Guard:
    """The hook of one process. Once armed it stays armed: Python removes no audit hook."""

    def __init__(self) -> None:
        self.armed = False
        self.refusals = 0
        self._names: frozenset[str] = frozenset()
        self._endpoints: frozenset[tuple[str, int]] = frozenset()
        self._paths: tuple[str, ...] = ()
        self._bound: WeakSet[socket.socket] = WeakSet()
        self._permit = _Permit()
        self._tell: Tell | None = None
        self._waiting: deque[tuple[str, str]] = deque(maxlen=KEPT)
        self._checks: dict[str, Callable[..., None]] = {
            "socket.bind": self._binds,
            "socket.connect": self.connects,
            "socket.sendto": self.connects,
            "socket.sendmsg": self.connects,
            "socket.getaddrinfo": self._looks_up,
            "socket.gethostbyname": self._looks_up,
            "socket.gethostbyaddr": self._names_host,
            "socket.getnameinfo": self._names_address,
        }

    def arm(
        self,
        names: Iterable[str] = (),
        endpoints: Iterable[tuple[str, int]] = (),
        paths: Iterable[str] = (),
    ) -> None:
        """From now on only these may be reached, and what egress announces.

        ``names`` may be looked up, ``endpoints`` (address as text, port) and Unix sockets
        below the folders ``paths`` connected to: they are the database's. Repeating adds.
        """
        self._names |= {name.lower() for name in names}
        self._endpoints |= set(endpoints)
        self._paths += tuple(paths)
        if not self.armed:
            self.armed = True
            sys.addaudithook(self._heard)

    def listen(self, tell: Tell | None) -> None:
        """Reports each refusal, those of before too, to ``tell``; None ends that."""
        self._tell = tell
        while tell is not None and self._waiting:
            tell(*self._waiting.popleft())

    @contextmanager
    def resolving(self, name: str) -> Generator[None]:
        """Lets this thread look up ``name`` in the block; only egress calls this."""
        before, self._permit.names = self._permit.names, (name.lower(),)
        try:
            yield
        finally:
            self._permit.names = before

    @contextmanager
    def connecting(self, address: str, port: int) -> Generator[None]:
        """Lets this thread connect to one address in the block; only egress calls this."""
        before, self._permit.endpoints = self._permit.endpoints, ((address, port),)
        try:
            yield
        finally:
            self._permit.endpoints = before

    def report(self, place: str, module: str) -> None:
        """Counts and passes on a refusal, of this process or of one that it started."""
        self.refusals += 1
        if self._tell is None:
            self._waiting.append((place, module))
        else:
            self._tell(place, module)

    def connects(self, sock: object, address: Any) -> None:
        """Raises HookRefused unless ``address`` is permitted; None is a connected socket's."""
        if address is None or self._passes(address):
            return
        self._refuse(_readable(address))

    def looks_up(self, host: Any) -> None:
        """Raises HookRefused unless finding ``host`` needs no name server, or it is permitted."""
        name = host.decode("latin-1") if isinstance(host, bytes) else host
        if name is None or name == "" or address_of(name) is not None:
            return
        name = str(name).lower()
        if name == "localhost" or name in self._names or name in self._permit.names:
            return
        self._refuse(name)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        check = self._checks.get(event)
        if check is not None:
            check(*arguments)

    def _binds(self, sock: socket.socket, address: object) -> None:
        with suppress(TypeError):  # a bare socket of C cannot be remembered; nothing uses one
            self._bound.add(sock)

    def _looks_up(self, host: Any, *_: object) -> None:
        self.looks_up(host)

    def _names_host(self, host: Any, *_: object) -> None:
        found = address_of(str(host))
        if found is not None and not found.is_loopback:
            self._refuse(str(host))  # the name of an address is asked of a name server
        self.looks_up(host)

    def _names_address(self, address: Any) -> None:
        self._refuse(_readable(address))

    def _passes(self, address: Any) -> bool:
        if isinstance(address, str | bytes):
            path = address.decode("latin-1") if isinstance(address, bytes) else address
            return any(path.startswith(f"{folder}/") for folder in self._paths)
        host, port = _endpoint(address)
        if (host, port) in self._endpoints or (host, port) in self._permit.endpoints:
            return True
        found = address_of("127.0.0.1" if host == "localhost" else host)
        return found is not None and found.is_loopback and self._listens(port)

    def _listens(self, port: object) -> bool:
        """Whether this process bound ``port`` itself."""
        for sock in list(self._bound):
            try:
                bound = sock.getsockname()
            except OSError:
                continue
            if isinstance(bound, tuple) and bound[1] == port:
                return True
        return False

    def _refuse(self, place: str) -> None:
        self.report(place, _asker())
        raise HookRefused(place=place)


def _readable(address: Any) -> str:
    if isinstance(address, str | bytes):
        return str(address)
    return "{}:{}".format(*_endpoint(address))


def _endpoint(address: Any) -> tuple[str, int]:
    """The host and the port of an address of IPv4 or IPv6; "?" where it is of another kind."""
    try:
        return str(address[0]), int(address[1])
    except (TypeError, ValueError, LookupError):
        return "?", 0


def _asker() -> str:
    """The module that wanted the connection: the nearest that is no socket library."""
    frame = inspect.currentframe()
    while frame is not None:
        name = str(frame.f_globals.get("__name__", "?"))
        if name != __name__ and not name.startswith(_OWN):
            return name
        frame = frame.f_back
    return "?"


GUARD = Guard()
"""The one of this process."""
