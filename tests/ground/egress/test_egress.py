"""What is on the list is contacted, and nothing else is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from countersign.ground.egress import BadPlace, Egress, EgressFailed, EgressRefused, places


class _Server(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://elsewhere.invalid/")
        self.end_headers()
        self.wfile.write(self.headers["X-Said"].encode() + said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_allowed_is_asked_and_its_answer_is_given_whole(port: int) -> None:
    egress = Egress(places([f"127.0.0.1:{port}"]))
    answer = egress.request(
        "POST", f"http://127.0.0.1:{port}/", headers={"X-Said": "a"}, content=b"bc"
    )
    assert (answer.status, answer.content) == (200, b"abc")
    assert answer.headers["location"] == "http://elsewhere.invalid/"
    egress.close()


def test_a_redirect_is_an_answer_and_is_not_followed(port: int) -> None:
    egress = Egress(places(["127.0.0.0/8"]))
    answer = egress.request("POST", f"http://127.0.0.1:{port}/away", headers={"X-Said": ""})
    assert answer.status == 302
    egress.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://10.0.0.1/",
        "http://good.hospital@127.0.0.1:{port}/",
        "ftp://good.hospital/",
        "http:///",
        "nonsense",
        "http://good.hospital.elsewhere/",
        "http://good.hospital:81/",
    ],
)
def test_what_the_list_does_not_name_is_refused_and_reported(url: str, port: int) -> None:
    told: list[str] = []
    egress = Egress(places(["good.hospital:80"]), told.append)
    with pytest.raises(EgressRefused):
        egress.request("GET", url.format(port=port))
    assert len(told) == 1 and not egress.allows(url.format(port=port))
    egress.close()


def test_an_answer_that_is_too_large_is_an_error(port: int) -> None:
    egress = Egress(places([f"127.0.0.1:{port}"]))
    with pytest.raises(EgressFailed, match="too large"):
        egress.request(
            "POST",
            f"http://127.0.0.1:{port}/",
            headers={"X-Said": "a"},
            content=b"x" * 100,
            largest=100,
        )
    egress.close()


def test_a_server_that_is_not_there_is_an_error() -> None:
    egress = Egress(places(["127.0.0.1:9"]))
    with pytest.raises(EgressFailed, match=r"127\.0\.0\.1:9"):
        egress.request("GET", "http://127.0.0.1:9/")
    egress.close()


@pytest.mark.parametrize(
    ("text", "host", "port", "covered"),
    [
        ("llm.hospital", "LLM.hospital.", 8000, True),
        ("llm.hospital:8000", "llm.hospital", 8001, False),
        ("10.20.0.0/16", "10.20.3.4", 1, True),
        ("10.20.0.0/16", "10.21.3.4", 1, False),
        ("10.20.0.0/16:443", "10.20.3.4", 443, True),
        ("fd00::/8", "fd12::1", 1, True),
        ("[fd00::1]:80", "fd00::1", 80, True),
        ("[fd00::1]:80", "fd00::1", 81, False),
    ],
)
def test_a_place_covers_what_it_says(text: str, host: str, port: int, covered: bool) -> None:
    (place,) = places([text])
    assert place.covers(host, port) is covered


@pytest.mark.parametrize("text", ["http://x/", "a b", "-x", "x:0", "10.0.0.0/99"])
def test_what_is_no_place_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadPlace):
        places([text])
