"""A device of the hospital signs checkpoints too, with SM2, and never stands in their way."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import (
    SM2,
    BundleOrder,
    CommandEngine,
    Cosigner,
    DeviceFailed,
    Event,
    EventQuery,
    Ledger,
    NoteRefused,
    SecondSigner,
    Signer,
    Verifier,
    Witness,
    export,
    verifier,
)
from countersign.ground.ledger.sm2 import verified
from countersign.ground.ledger.witness import compose
from countersign.kit.clock import utc_now
from ground.ledger.device import engine_of, key_of, new_key
from ground.ledger.known import ORIGIN, Owner

SIGNER = Signer(ORIGIN, bytes(range(32)))


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return new_key(tmp_path_factory.mktemp("device"))


@pytest.fixture(scope="module")
def key(device: tuple[str, ...]) -> Verifier:
    return key_of(device)


@pytest.fixture(scope="module")
def signature(device: tuple[str, ...]) -> bytes:
    return engine_of(device).sign(b"message")


def opened(database: Database, second: SecondSigner | None) -> Ledger:
    pool = database.pool(DbRole.LEDGER)
    return Ledger(pool, SIGNER, utc_now, checkpoint_every=None, second=second)


def script(folder: Path, text: str) -> tuple[str, ...]:
    file = folder / "device.sh"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o700)
    return (str(file),)


def test_what_openssl_signs_is_verified_and_no_bit_of_it_may_change(
    key: Verifier, signature: bytes
) -> None:
    assert verified(key.public, b"message", signature)
    assert not verified(key.public, b"messagf", signature)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 511))
    def flipped(bit: int) -> None:
        other = bytearray(signature)
        other[bit // 8] ^= 1 << bit % 8
        assert not verified(key.public, b"message", bytes(other))

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 65 * 8 - 1))
    def other_key(bit: int) -> None:
        other = bytearray(key.public)
        other[bit // 8] ^= 1 << bit % 8
        assert not verified(bytes(other), b"message", signature)

    flipped()
    other_key()


@settings(max_examples=8, deadline=None)
@given(message=st.binary(max_size=300))
def test_openssl_and_the_verifier_agree(
    device: tuple[str, ...], key: Verifier, message: bytes
) -> None:
    assert verified(key.public, message, engine_of(device).sign(message))


@given(raw=st.binary(max_size=80), message=st.binary(max_size=10))
def test_whatever_else_is_given_is_refused(key: Verifier, raw: bytes, message: bytes) -> None:
    assert not verified(key.public, message, raw)
    assert not verified(raw, message, raw)


def test_the_key_is_written_and_read_again(key: Verifier) -> None:
    assert Verifier.parse(key.text).text == key.text
    assert Verifier.parse(key.text).algorithm is SM2
    changed = key.text[:-4] + ("AAA=" if not key.text.endswith("AAA=") else "BBB=")
    with pytest.raises(NoteRefused):
        Verifier.parse(changed)


def test_a_checkpoint_carries_both_lines_and_each_key_finds_its_own(
    database: Database, device: tuple[str, ...], key: Verifier, viewed: Event, tmp_path: Path
) -> None:
    ledger = opened(database, SecondSigner(key, engine_of(device)))
    ledger.record(viewed)
    made = ledger.checkpoint()
    assert made.note.count("\u2014 ") == 2
    assert SIGNER.verifier.open(made.note).root == key.open(made.note).root == made.root
    assert verifier.read_note(made.note, verifier.read_key(SIGNER.verifier.text)).size == 1
    again = opened(database, SecondSigner(key, engine_of(device)))
    assert again.checkpoint().note == made.note, "what is kept stays, though SM2 never repeats"
    report = ledger.verify()
    assert report.sound and report.seconds == 1
    standing = ledger.second()
    assert standing is not None and standing.signed and not standing.problem
    witness = Witness(Cosigner("w1.example", bytes(32)), tmp_path, [SIGNER.verifier], utc_now)
    assert witness.add_checkpoint(compose(0, [], made.note)).status == 200
    for one in (ledger, again):
        one.close()


def test_a_bundle_with_both_lines_is_genuine_to_who_knows_one_key(
    database: Database, device: tuple[str, ...], key: Verifier, viewed: Event, tmp_path: Path
) -> None:
    ledger = opened(database, SecondSigner(key, engine_of(device)))
    ledger.record(viewed)
    out = io.BytesIO()
    exported = export(ledger, BundleOrder("person:1", EventQuery()), out)
    (tmp_path / "bundle.zip").write_bytes(out.getvalue())
    assert key.signed(exported.checkpoint.note)
    assert verifier.check(str(tmp_path / "bundle.zip"), SIGNER.verifier.text)
    ledger.close()


def test_a_superuser_who_changes_the_line_is_found(
    database: Database, device: tuple[str, ...], key: Verifier, viewed: Event, owner: Owner
) -> None:
    ledger = opened(database, SecondSigner(key, engine_of(device)))
    ledger.record(viewed)
    note = ledger.checkpoint().note
    wrong = key.line(bytes(64))
    owner(
        "update ledger.checkpoint set note = '"
        + "".join([*note.splitlines(keepends=True)[:-1], wrong])
        + "'"
    )
    assert [(str(one.kind), one.place) for one in ledger.verify().findings] == [
        ("wrong-second-signature", "1")
    ]
    ledger.close()


class Seconds:
    """A clock that goes forward when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_device_that_hangs_costs_its_line_and_no_checkpoint(
    database: Database, device: tuple[str, ...], key: Verifier, viewed: Event, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    hung = script(tmp_path, f"echo x >>{asked}\nsleep 600 & sleep 600")
    engine = CommandEngine(hung, budget=0.5)
    seconds = Seconds()
    second = SecondSigner(key, engine, seconds)
    ledger = opened(database, second)
    for _ in range(3):  # asked once: then it is left alone for a while
        ledger.record(viewed)
        begun = time.monotonic()
        assert SIGNER.verifier.open(ledger.checkpoint().note)
        assert time.monotonic() - begun < 60, "far less than it hangs for"
    assert asked.read_text().count("x") == 1
    standing = ledger.second()
    assert standing is not None and not standing.signed
    assert "no answer within 0.5 s" in str(standing.problem)
    second._engine = engine_of(device)  # pyright: ignore[reportPrivateUsage] - it is repaired
    seconds.now = 31.0
    ledger.record(viewed)
    assert key.signed(ledger.checkpoint().note)
    assert ledger.verify().sound, "a checkpoint may lack the line"
    ledger.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("echo 'error the token is locked'", "the token is locked"),
        ("exit 3", "exit status 3"),
        ("echo signature", "malformed"),
        ("echo 'signature ////'", "malformed"),
        ("echo 'signature MAYCAQECAQI='", "not of the configured key"),
        ("echo hello", "no signature"),
        ("head -c 100000 /dev/zero", "no signature"),
    ],
)
def test_what_a_device_answers_wrongly_is_said_and_never_signed_with(
    key: Verifier, tmp_path: Path, answer: str, said: str
) -> None:
    second = SecondSigner(key, CommandEngine(script(tmp_path, answer), budget=60))
    checkpoint = SIGNER.sign(7, bytes(32))
    assert second.added(checkpoint) == checkpoint
    assert said in str(second.problem)


def test_another_device_and_none_at_all_are_refused(key: Verifier, tmp_path: Path) -> None:
    note = SIGNER.sign(7, bytes(32)).note
    with pytest.raises(DeviceFailed, match="not of the configured key"):
        SecondSigner(key, engine_of(new_key(tmp_path))).line(note)
    with pytest.raises(DeviceFailed, match="does not start"):
        SecondSigner(key, CommandEngine(("/nowhere/device",))).line(note)
    with pytest.raises(DeviceFailed):
        SecondSigner(key).line(note)
