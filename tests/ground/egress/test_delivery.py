"""What is brought over TLS goes to the server whose certificate the hospital vouches for."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from countersign.ground.egress import Egress, EgressFailed, EgressRefused, Server, places
from ground.egress.test_addresses import certificate as certificate


@contextmanager
def collector(certificate: Path, courteous: bool) -> Iterator[tuple[int, list[bytes]]]:
    """Reads each connection to its end; ``courteous`` says farewell in TLS too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    plain = listening.accept()[0]
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as sock:
                        parts = list(iter(lambda: sock.recv(4096), b""))
                        got.append(b"".join(parts))
                        if courteous:
                            sock.unwrap().close()
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], got
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("courteous", [True, False])
def test_all_of_it_arrives_over_tls(certificate: Path, courteous: bool) -> None:
    content = bytes(range(256)) * 2000
    told: list[str] = []
    egress = Egress(
        places(["llm.hospital"]), None, certificate, contacted=told.append,
        resolve=lambda host, port: ["127.0.0.1"],
    )  # fmt: skip
    with collector(certificate, courteous) as (port, got):
        egress.deliver(Server("llm.hospital", port, True), content)
        assert got == [content] and told == [f"llm.hospital:{port}"]
    egress.close()


def test_another_name_another_authority_and_no_tls_get_nothing(certificate: Path) -> None:
    def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    listed = places(["llm.hospital", "other.hospital"])
    vouched, bare = (Egress(listed, None, file, resolve=here) for file in (certificate, None))
    with collector(certificate, True) as (port, got):
        for egress, host in ((vouched, "other.hospital"), (bare, "llm.hospital")):
            with pytest.raises(EgressFailed):
                egress.deliver(Server(host, port, True), b"audit")
        assert got == []
    for egress in (vouched, bare):
        egress.close()


def test_a_listed_name_that_leads_outside_gets_nothing() -> None:
    told: list[str] = []
    egress = Egress(
        places(["log.hospital"]), told.append, resolve=lambda host, port: ["203.0.113.9"]
    )
    with pytest.raises(EgressRefused):
        egress.deliver(Server("log.hospital", 601, False), b"audit")
    assert told == ["log.hospital:601 (203.0.113.9)"]
    egress.close()
