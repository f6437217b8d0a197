"""A listed name is followed into the intranet only, once, and its certificate is still asked."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.egress import AddressRefused, Egress, EgressFailed, places
from countersign.ground.egress.places import address_of, may_lead_to


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.headers['Cookie']}".encode())

    def log_message(self, *_: object) -> None:
        pass


class Names:
    """A name server that may change its mind."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from _served(HTTPServer(("127.0.0.1", 0), _Server))


def _served(server: HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def _asking(names: Names, *allowed: str, told: list[str] | None = None) -> Egress:
    return Egress(places(allowed), None if told is None else told.append, resolve=names)


def test_the_address_that_was_checked_is_the_one_that_is_contacted(port: int) -> None:
    names = Names(["127.0.0.1"], ["203.0.113.9"])
    egress = _asking(names, "llm.hospital")
    answer = egress.request("GET", f"http://llm.hospital:{port}/")
    assert answer.content == f"llm.hospital:{port} None".encode(), "asked for by its name"
    assert names.asked == [("llm.hospital", port)], "asked once, so nothing can be rebound"
    egress.close()


def test_nothing_is_remembered_for_the_next_request(port: int) -> None:
    egress = _asking(Names(["127.0.0.1"]), "llm.hospital")
    for _ in range(2):
        assert egress.request("GET", f"http://llm.hospital:{port}/").content.endswith(b"None")
    egress.close()


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "203.0.113.9", "2001:4860:4860::8888", "::ffff:8.8.8.8", "0.0.0.0", "224.0.0.1"],  # noqa: S104
)
def test_a_listed_name_that_leads_outside_is_refused_and_reported(address: str) -> None:
    told: list[str] = []
    egress = _asking(Names([address]), "llm.hospital", told=told)
    with pytest.raises(AddressRefused, match="outside the intranet") as refused:
        egress.request("GET", "http://llm.hospital:9/")
    assert refused.value.code == "egress.address_refused"
    assert told == [f"llm.hospital:9 ({address})"]
    egress.close()


def test_a_public_address_is_followed_to_when_its_network_is_listed() -> None:
    assert may_lead_to(places(["198.51.100.0/24:443"]), "198.51.100.7", 443)
    assert not may_lead_to(places(["198.51.100.0/24:443"]), "198.51.100.7", 80)
    assert not may_lead_to(places(["llm.hospital"]), "198.51.100.7", 443)


def test_of_several_addresses_only_those_inside_are_tried(port: int) -> None:
    egress = _asking(Names(["8.8.8.8", "127.0.0.2", "127.0.0.1"]), "llm.hospital")
    assert egress.request("GET", f"http://llm.hospital:{port}/").status == 200
    egress.close()


def test_a_name_that_nobody_knows_is_an_error() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    egress = Egress(places(["llm.hospital"]), resolve=unknown)
    with pytest.raises(EgressFailed, match="llm.hospital:80"):
        egress.request("GET", "http://llm.hospital/")
    egress.close()


def test_a_name_server_that_hangs_is_waited_for_no_longer_than_allowed() -> None:
    never = threading.Event()

    def hangs(host: str, port: int) -> list[str]:
        never.wait()
        return []

    egress = Egress(places(["llm.hospital"]), resolve=hangs)
    with pytest.raises(EgressFailed, match="ConnectTimeout"):
        egress.request("GET", "http://llm.hospital/", timeout=0.2)
    never.set()
    egress.close()


@given(st.ip_addresses())
def test_what_is_not_listed_is_never_a_global_address(address: ipaddress.IPv4Address) -> None:
    if may_lead_to((), str(address), 443):
        found = address_of(str(address))
        assert found is not None and not found.is_global


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate of ``llm.hospital``, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "llm.hospital")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("llm.hospital")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "llm.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(scope="module")
def tls_port(certificate: Path) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from _served(server)


def test_over_tls_the_name_is_verified_with_the_hospitals_authority(
    certificate: Path, tls_port: int
) -> None:
    names = Names(["127.0.0.1"])
    egress = Egress(places(["llm.hospital", "other.hospital"]), None, certificate, resolve=names)
    assert egress.request("GET", f"https://llm.hospital:{tls_port}/").status == 200
    with pytest.raises(EgressFailed):
        egress.request("GET", f"https://other.hospital:{tls_port}/")
    egress.close()


def test_without_the_authority_nothing_is_believed(tls_port: int) -> None:
    egress = _asking(Names(["127.0.0.1"]), "llm.hospital")
    with pytest.raises(EgressFailed):
        egress.request("GET", f"https://llm.hospital:{tls_port}/")
    egress.close()


def test_what_the_environment_says_changes_nothing(
    port: int, certificate: Path, tls_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    egress = _asking(Names(["127.0.0.1"]), "llm.hospital")
    assert egress.request("GET", f"http://llm.hospital:{port}/").status == 200
    with pytest.raises(EgressFailed):
        egress.request("GET", f"https://llm.hospital:{tls_port}/")
    egress.close()
