"""Peers that cut off, lie about lengths, send garbage or come from where nobody is expected."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynetdicom.ae import ApplicationEntity
from pynetdicom.dimse_primitives import C_STORE

from building import Building
from certificates import certificate
from countersign.ground.db import DatabaseUnavailable
from countersign.ground.egress import answering
from countersign.ground.imaging import Instance, Received, Stored
from dicoms import WHOLE_SLIDE, dcmtk, saved, slide
from doors.dicom.stage import arriving, files, fresh, listening, peer, receipts


@contextmanager
def associated(port: int, syntax: str) -> Iterator[Any]:
    entity = ApplicationEntity("SCANNER")
    entity.add_requested_context(WHOLE_SLIDE, syntax)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    association = entity.associate("127.0.0.1", port, ae_title="COUNTERSIGN")
    assert association.is_established
    wire = association.dul.socket.socket
    try:
        yield association
    finally:
        association.join(30)
        wire.close()


def body_of(path: Path) -> bytes:
    """The data set of a file, without its preamble and meta information."""
    whole = path.read_bytes()
    (length,) = struct.unpack("<L", whole[140:144])
    return whole[144 + length :]


def store_raw(port: int, sent: Any, body: bytes) -> int:
    """The status that a peer hears which sends these very bytes as a data set."""
    with associated(port, sent.file_meta.TransferSyntaxUID) as association:
        association._reactor_checkpoint.clear()  # as its own send_c_store does
        while not association._is_paused:
            time.sleep(0.001)
        request = asking(sent)
        request.DataSet = BytesIO(body)
        association.dimse.send_msg(request, 1)
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        association.release()
    return int(answer.Status) if answer is not None else -1


def asking(sent: Any) -> C_STORE:
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID = sent.SOPClassUID
    request.AffectedSOPInstanceUID = sent.SOPInstanceUID
    return request


def fragment(control: int, data: bytes) -> bytes:
    """A unit of data (P-DATA-TF) with one value, as it goes over the wire (PS3.8 section 9.3.5)."""
    value = struct.pack(">LBB", len(data) + 2, 1, control) + data
    return struct.pack(">BBL", 4, 0, len(value)) + value


def leave(association: Any, *units: bytes) -> None:
    """Says these units past the peer's own state machine, and is gone."""
    wire = association.dul.socket.socket
    with suppress(OSError, AttributeError):  # it may have been aborted meanwhile
        for unit in units:
            wire.sendall(unit)
        wire.shutdown(socket.SHUT_RDWR)


def alive(port: int) -> None:
    dcmtk("echoscu", *peer(port))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_what_is_cut_off_is_not_kept(building: Building, tmp_path: Path, share: float) -> None:
    series = fresh()
    sent = slide(series)
    body = body_of(saved(sent, tmp_path))
    with listening(building) as port:
        assert store_raw(port, sent, body[: int(len(body) * share)]) == 0xC000
        assert files(building, series) == arriving(building) == []
        assert store_raw(port, sent, body) == 0
    assert len(files(building, series)) == 1


def test_an_instance_is_the_one_that_was_announced(building: Building, tmp_path: Path) -> None:
    series = fresh()
    body, other = body_of(saved(slide(series, 1), tmp_path)), slide(series, 2)
    with listening(building) as port:
        assert store_raw(port, other, body) == 0xA900
    assert files(building, series) == arriving(building) == []


def test_a_peer_that_leaves_in_the_middle_leaves_nothing(
    building: Building, tmp_path: Path
) -> None:
    sent = slide(fresh())
    body = body_of(saved(sent, tmp_path))
    with listening(building) as port:
        with associated(port, sent.file_meta.TransferSyntaxUID) as association:
            association.dimse.send_msg(asking(sent), 1)
            while not association.dul.to_provider_queue.empty():
                time.sleep(0.01)
            leave(association, fragment(0, body[:2000]))
        alive(port)
    assert arriving(building) == []


def test_without_database_or_ledger_nothing_is_acknowledged(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = fresh()
    path = saved(slide(series), tmp_path)

    def keep(self: Received, *given: Any) -> Stored:
        raise DatabaseUnavailable

    def broken(self: Received, *given: Any) -> Instance:
        raise ZeroDivisionError("a secret")

    with listening(building) as port:
        for name, instead in (("keep", keep), ("read", broken)):
            with monkeypatch.context() as patched:
                patched.setattr(Received, name, instead)
                said = dcmtk("storescu", "-R", "-d", "-xy", *peer(port), path, good=False)
                assert "0xa700" in said.lower() and "a secret" not in said
        assert receipts(building, series) == []
        dcmtk("storescu", "-R", "-xy", *peer(port), path)
    assert len(files(building, series)) == 1


def test_strangers_giants_and_crowds_are_turned_away(building: Building) -> None:
    with (
        listening(building, peers=(IPv4Network("10.0.0.0/8"),)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=30) as stranger,
    ):
        assert rest(stranger) == b""
    with listening(building) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as giant:
            giant.sendall(b"\x01\x00" + struct.pack(">L", 2**32 - 1) + bytes(1000))
            assert rest(giant) == b""
        alive(port)
    with listening(building, associations=1, idle=1.0) as port:
        crowd = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(20)]
        assert sum(rest(one) == b"" for one in crowd) == 20  # at once, or when they say nothing
        alive(port)
    with pytest.raises(ValueError, match="everybody"), listening(building, callers=()):
        pass


def rest(peer: socket.socket) -> bytes:
    """What is still said, which may be that the association is aborted."""
    with peer:
        try:
            said = b"".join(iter(lambda: peer.recv(65536), b""))
        except ConnectionResetError:
            return b""
        return b"" if said[:1] == b"\x07" else said


def test_a_peer_shows_its_certificate(building: Building, tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", None)
    certificate(tmp_path, "server", authority)
    certificate(tmp_path, "client", authority)
    tls = answering(tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "authority.pem")
    trusted = ("+cf", tmp_path / "authority.pem")
    mine = ("+tls", tmp_path / "client.key", tmp_path / "client.pem", *trusted)
    with listening(building, tls=tls) as port:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30),  # says nothing
            pytest.raises((ssl.SSLError, ConnectionError, AssertionError)),
        ):
            dcmtk("echoscu", "+tla", *trusted, *peer(port))
        dcmtk("echoscu", *mine, *peer(port))


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_garbage_ends_its_own_association_alone(
    building: Building, listener: int, units: list[bytes], framed: bool
) -> None:
    with socket.create_connection(("127.0.0.1", listener), timeout=30) as sender:
        for unit in units:
            head = struct.pack(">BBL", unit[0] % 8, 0, len(unit)) if framed else b""
            with suppress(OSError):  # it may have ended at the unit before
                sender.sendall(head + unit)
        with suppress(OSError):
            sender.shutdown(socket.SHUT_WR)
        rest(sender)


@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=200)), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_garbage_within_an_association_ends_it_alone(
    building: Building, listener: int, fragments: list[tuple[int, bytes]]
) -> None:
    with associated(listener, "1.2.840.10008.1.2.4.50") as association:
        leave(association, *(fragment(control, data) for control, data in fragments))


@pytest.fixture(scope="module")
def listener(building: Building) -> Any:
    with listening(building) as port:
        yield port
        alive(port)
    assert arriving(building) == []
