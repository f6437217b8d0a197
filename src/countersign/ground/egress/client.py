"""Sends one request to a server of the intranet, or refuses to."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from .asking import ask
from .delivery import UNDELIVERED, Server, bring
from .errors import AddressRefused, EgressFailed, EgressRefused
from .lent import Lent
from .pace import DeadlinePassed, Ended, Watch, until
from .places import Place
from .wire import FAILURES, UNREACHED, Backend, Resolve, Transport, resolve

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer that is taken unless the caller allows more."""

KEPT = 64
"""Connections that stay open for the next requests."""

PLAIN = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "countersign"}
"""What is sent unless the caller says otherwise; nothing packed is asked for."""

_Said = TypeVar("_Said")

Told = Callable[[str], None]
"""Is told the place, ``host:port`` and no more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the status, the headers by lower-case name, the whole body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Streamed:
    """An answer whose body is still to come; going over it yields bytes."""

    def __init__(
        self,
        place: str,
        answer: httpx.Response,
        moment: float,
        largest: int,
        watch: Watch | None = None,
    ) -> None:
        self.status = answer.status_code
        self.headers: Mapping[str, str] = _headers(answer.headers)
        self._place = place
        self._answer = answer
        self._moment = moment
        self._largest = largest
        self._watch = watch

    def end_by(self, moment: float) -> None:
        """Moves the deadline, in monotonic seconds, for what is still to come."""
        self._moment = moment

    def __iter__(self) -> Iterator[bytes]:
        """Raises EgressFailed: too large, too late, or broken off."""
        parts, taken = self._answer.iter_bytes(), 0
        while True:
            try:
                with until(self._moment, self._watch):
                    part = next(parts)
            except StopIteration:
                return
            except FAILURES as problem:
                raise _failed(self._place, problem) from problem
            taken += len(part)
            if taken > self._largest:
                raise EgressFailed(place=self._place, problem="the answer is too large")
            yield part


class Egress:
    """Asks servers of the intranet. Safe to use from many threads.

    ``allowed`` is the allow-list; with none, nothing is contacted. ``refused`` is told the
    place of each request that was turned down, ``contacted`` of each that was sent.
    ``authorities`` is a file of CA certificates that are trusted beside the system's.
    ``resolve`` answers for names.
    """

    def __init__(
        self,
        allowed: Sequence[Place] = (),
        refused: Told | None = None,
        authorities: Path | None = None,
        *,
        contacted: Told | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self.allowed = tuple(allowed)
        self._refused = refused
        self._contacted = contacted
        # No proxy, no .netrc and no certificate path that the environment names.
        context = httpx.create_ssl_context(trust_env=False)
        if authorities is not None:
            context.load_verify_locations(cafile=str(authorities))
        # Not httpx.Client: cookies, redirects and passwords in a URL are never wanted here.
        self._backend = Backend(self.allowed, resolve)
        self._context = context
        self._kept = Transport(self._backend, context, KEPT)
        self._fresh = Transport(self._backend, context, 0)

    def close(self) -> None:
        """Closes what is still connected."""
        self._kept.close()
        self._fresh.close()

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

        ``timeout`` is in seconds, for everything from the name to the last byte; ``largest``
        is in bytes. Raises EgressRefused before anything is sent, EgressFailed afterwards.
        """
        with self.stream(
            method, url, headers=headers, content=content, timeout=timeout, largest=largest
        ) as answer:
            return Answer(answer.status, answer.headers, b"".join(answer))

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout: float = 60.0,
        largest: int = LARGEST,
        watch: Watch | None = None,
        fresh: bool = False,
    ) -> Generator[Streamed]:
        """As ``request``, with the body in parts as they come, all of them by ``timeout``.

        ``watch`` is called at least twice a second while the server is waited for; what it raises
        ends the request, as an ``Ended``. ``fresh`` goes over a connection of its own: a kept one
        may be closed by the server, without a word, just as the next request is written to it.
        """
        place, allowed = self._asked(url)
        if not allowed:
            self._refuse(place)
            raise EgressRefused(place=place)
        moment = time.monotonic() + timeout
        seconds = httpx.Timeout(timeout).as_dict()
        request = httpx.Request(
            method, url, headers=_asking(headers), content=content, extensions={"timeout": seconds}
        )
        try:
            with until(moment, watch):
                answer = (self._fresh if fresh else self._kept).handle_request(request)
        except AddressRefused as problem:
            self._refuse(f"{place} ({problem.details['address']})")
            raise
        except UNREACHED as problem:
            raise _failed(place, problem) from problem
        except FAILURES as problem:
            self._tell_contact(place)
            raise _failed(place, problem) from problem
        except Ended:
            self._tell_contact(place)
            raise
        try:
            self._tell_contact(place)
            yield Streamed(place, answer, moment, largest, watch)
        finally:
            answer.close()

    def client(self, seconds: float, *, largest: int = LARGEST) -> httpx.Client:
        """A client for libraries that want one, such as ``openai``; close it after use.

        Each of its requests obeys the list, the check of the address and the limits that
        ``stream`` obeys, ends by ``seconds`` after it began, and is told as contacted or refused.
        It follows no redirect and takes nothing from the environment. Its requests raise
        EgressRefused and EgressFailed.
        """
        return httpx.Client(
            transport=Lent(self, seconds, largest),
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
        )

    def deliver(self, to: Server, content: bytes, *, timeout: float = 10.0) -> None:
        """Brings bytes to a server of the list that answers nothing; it has read them all then.

        Raises EgressRefused before anything is sent, EgressFailed when it is not known how much
        arrived; to send all of it again is the caller's.
        """
        self._spoken(to, timeout, lambda: bring(self._backend, self._context, to, content))

    def ask(
        self,
        to: Server,
        content: bytes,
        *,
        end: bytes,
        timeout: float = 10.0,
        largest: int = LARGEST,
    ) -> bytes:
        """Brings bytes to a server of the list and returns its answer, which ends with ``end``
        or where the server ended it. ``largest`` is in bytes.

        Raises EgressRefused before anything is sent, EgressFailed when it is not known whether
        it arrived; to send it again is the caller's.
        """
        return self._spoken(
            to,
            timeout,
            lambda: ask(self._backend, self._context, to, content, end, largest),
        )

    def _spoken(self, to: Server, timeout: float, speak: Callable[[], _Said]) -> _Said:
        place = f"{to.host}:{to.port}"
        if not any(one.covers(to.host, to.port) for one in self.allowed):
            self._refuse(place)
            raise EgressRefused(place=place)
        try:
            with until(time.monotonic() + timeout):
                said = speak()
        except AddressRefused as problem:
            self._refuse(f"{place} ({problem.details['address']})")
            raise
        except (*UNDELIVERED, DeadlinePassed) as problem:
            if not isinstance(problem, UNREACHED):
                self._tell_contact(place)
            raise _failed(place, problem) from problem
        self._tell_contact(place)
        return said

    def _tell_contact(self, place: str) -> None:
        if self._contacted is not None:
            self._contacted(place)

    def _refuse(self, place: str) -> None:
        if self._refused is not None:
            self._refused(place)

    def _asked(self, url: str) -> tuple[str, bool]:
        """The place of ``url`` for people to read, and whether it may be contacted."""
        try:
            asked = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            return "?", False
        port = asked.port or {"http": 80, "https": 443}.get(asked.scheme, 0)
        place = f"{asked.host}:{port}"
        if asked.scheme not in ("http", "https") or not asked.host or asked.userinfo:
            return place, False
        return place, any(one.covers(asked.host, port) for one in self.allowed)


def _asking(given: Mapping[str, str] | None) -> dict[str, str]:
    return {**PLAIN, **{name.lower(): value for name, value in (given or {}).items()}}


def _headers(given: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}


def _failed(place: str, problem: Exception) -> EgressFailed:
    return EgressFailed(place=place, problem=type(problem).__name__)
