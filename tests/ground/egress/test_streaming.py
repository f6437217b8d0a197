"""An answer in parts ends by its deadline, however slowly it drips."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from countersign.ground.egress import Egress, EgressFailed, EgressRefused, places

HEAD = b"HTTP/1.1 200 OK\r\nX-One: two\r\nConnection: close\r\n\r\n"


@contextmanager
def _serving(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """One connection, answered as ``answer`` likes; the event says that the test is over."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            with suppress(OSError):
                answer(connection, over)

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    over.set()
    thread.join()
    listener.close()


def _egress(told: list[str] | None = None) -> Egress:
    return Egress(places(["127.0.0.1"]), contacted=None if told is None else told.append)


def test_parts_come_as_they_are_sent() -> None:
    first_was_read = threading.Event()

    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"first")
        assert first_was_read.wait(20)
        connection.sendall(b"second")

    told: list[str] = []
    with _serving(answer) as url:
        egress = _egress(told)
        with egress.stream("GET", url, timeout=30) as streamed:
            assert (streamed.status, streamed.headers["x-one"]) == (200, "two")
            parts = iter(streamed)
            assert next(parts) == b"first"
            first_was_read.set()
            assert b"".join(parts) == b"second"
        assert told == [url.removeprefix("http://").rstrip("/")]
        egress.close()


def _drips(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(HEAD)
    while not over.wait(0.02):
        connection.sendall(b"x")


def _drips_its_head(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.02):
        connection.sendall(b"x: y\r\n")


@pytest.mark.parametrize("answer", [_drips, _drips_its_head])
def test_a_server_that_drips_is_left_at_the_deadline(
    answer: Callable[[socket.socket, threading.Event], None],
) -> None:
    with _serving(answer) as url:
        egress = _egress()
        with pytest.raises(EgressFailed, match="DeadlinePassed|Timeout"):
            egress.request("GET", url, timeout=0.5)
        egress.close()
    with _serving(answer) as url, pytest.raises(EgressFailed):
        egress = _egress()
        with egress.stream("GET", url, timeout=0.5) as streamed:
            for _ in streamed:
                pass


def test_a_stream_that_breaks_off_is_an_error() -> None:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(HEAD.replace(b"X-One: two", b"Content-Length: 50") + b"half")

    with _serving(answer) as url:
        egress = _egress()
        with (
            egress.stream("GET", url) as streamed,
            pytest.raises(EgressFailed, match="RemoteProtocolError"),
        ):
            list(streamed)
        egress.close()


def test_a_stream_that_is_too_large_is_an_error() -> None:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"x" * 101)

    with _serving(answer) as url:
        egress = _egress()
        with (
            egress.stream("GET", url, largest=100) as streamed,
            pytest.raises(EgressFailed, match="too large"),
        ):
            list(streamed)
        egress.close()


def test_a_fresh_request_does_not_meet_the_closing_of_kept_connections() -> None:
    """The server answers the first request of each connection, and leaves at the second."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(whole)
            connection.recv(65536)

    def run() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=[listener.accept()[0]], daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    egress = _egress()
    with egress.stream("GET", url) as first, egress.stream("GET", url) as second:
        assert b"".join(first) == b"".join(second) == b"whole"
    with pytest.raises(EgressFailed), egress.stream("GET", url):
        pass
    with egress.stream("GET", url, fresh=True) as streamed:
        assert b"".join(streamed) == b"whole"
    with egress.stream("GET", url, fresh=True) as streamed:
        assert b"".join(streamed) == b"whole"
    egress.close()
    listener.close()


def test_what_is_not_listed_is_not_streamed_either() -> None:
    egress = Egress()
    with pytest.raises(EgressRefused), egress.stream("GET", "http://127.0.0.1:9/"):
        pass
    egress.close()
