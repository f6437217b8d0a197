"""A witness signs one history, keeps what contradicts it, and speaks the agreed protocol."""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.ledger import (
    Checkpoint,
    Cosigner,
    NoteRefused,
    Signer,
    Witness,
    WitnessKey,
    WitnessUnfit,
    merkle,
    open_cosigner,
)
from countersign.ground.ledger.witness import Answer, compose, parse
from ground.ledger.known import ORIGIN, START

LOG = Signer(ORIGIN, bytes(32))
COSIGNER = Cosigner("w1.example", b"\7" * 32)
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(40)]
OTHERS = [*LEAVES[:5], merkle.leaf_hash(b"rewritten"), *LEAVES[6:]]
Make = Callable[[], Witness]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda: Witness(COSIGNER, tmp_path / "w", [LOG.verifier], lambda: START)


def checkpoint(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return LOG.sign(size, merkle.root(leaves[:size]))


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    plan = merkle.consistency_plan(old, new)
    nodes = {node for nodes in plan for node in nodes}
    hashes = {
        (level, index): merkle.root(leaves[index << level : (index + 1) << level])
        for level, index in nodes
    }
    return merkle.assemble(plan, hashes)


def ask(witness: Witness, old: int, new: int, leaves: list[bytes] = LEAVES) -> Answer:
    body = compose(old, proof(old, new, leaves), checkpoint(new, leaves).note)
    return witness.add_checkpoint(body)


def test_the_cosignature_is_that_of_the_specification() -> None:
    note = checkpoint(7).note
    one = COSIGNER.cosign(note, START + timedelta(milliseconds=700))
    name, encoded = one.line.removeprefix("\u2014 ").rstrip("\n").split(" ")
    assert name == "w1.example" and one.at == START
    raw = WitnessKey.parse(COSIGNER.verifier.text)
    assert raw.find(note + one.line) == one
    blob = b64decode(encoded)
    public = b64decode(COSIGNER.verifier.text.rpartition("+")[2])
    assert public[0] == 4 and len(blob) == 4 + 8 + 64
    text = note.partition("\n\n")[0] + "\n"
    seconds = int(START.timestamp())
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(
        blob[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode()
    )
    assert int.from_bytes(blob[4:12], "big") == seconds


def test_a_cosignature_that_another_implementation_made_is_read() -> None:
    # By aics-witness 0.1.0, asked with our request; its verifier reads our cosignatures too.
    key = WitnessKey.parse("w9.example+423fbf4d+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY")
    encoded = (
        "Qj+/TQAAAABpIW2AwqdUNqgpdejOPF7CPSUS5FBMhH09oJv2e8mPqAMo/y/P"
        "t3ZuQrS5KHAekgJdNjCottztrj0nzsW8gZB7qq1JDg=="
    )
    found = key.find(f"{checkpoint(7).note}\u2014 w9.example {encoded}\n")
    assert found is not None and int(found.at.timestamp()) == 1_763_798_400
    with pytest.raises(NoteRefused):
        key.find(f"{checkpoint(8).note}\u2014 w9.example {encoded}\n")


def test_an_extension_is_cosigned_and_remembered(make: Make) -> None:
    for old, new in ((0, 3), (3, 3), (3, 20), (20, 33)):
        answer = ask(make(), old, new)
        assert answer.status == 200
        found = COSIGNER.verifier.find(checkpoint(new).note + answer.content)
        assert found is not None and found.at == START
        latest = make().latest(ORIGIN)
        assert latest is not None and latest.size == new
    assert make().evidence() == []


def test_an_old_size_that_is_not_the_last_gets_the_last(make: Make) -> None:
    witness = make()
    ask(witness, 0, 20)
    for old, new in ((0, 30), (10, 30), (5, 10)):
        answer = ask(witness, old, new)
        assert (answer.status, answer.content, answer.media_type) == (
            409, "20\n", "text/x.tlog.size",
        )  # fmt: skip


@pytest.mark.parametrize(("old", "new", "status"), [(20, 30, 422), (20, 20, 409), (0, 20, 409)])
def test_another_history_is_refused_and_both_notes_are_kept(
    make: Make, old: int, new: int, status: int
) -> None:
    witness = make()
    ask(witness, 0, 20)
    assert ask(witness, old, new, OTHERS).status == status
    assert ask(witness, old, new, OTHERS).status == status
    (kept,) = make().evidence()
    text = kept.read_text(encoding="utf-8")
    first, second = checkpoint(20).note, checkpoint(new, OTHERS).note
    assert text == f"{first}\n{second}"
    for note in (first, second):
        LOG.verifier.open(note)  # nobody else could have signed either
    assert ask(witness, 20, 30).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe\n\n", 400),
        (b"old 1\n\n", 404),
        (compose(0, [], Signer("other.example", bytes(32)).sign(1, bytes(32)).note), 404),
        (compose(0, [], Signer(ORIGIN, b"\1" * 32).sign(1, bytes(32)).note), 403),
        (compose(9, [], checkpoint(3).note), 400),
        (compose(0, [], checkpoint(3).note).replace(b"old 0", b"old 00"), 400),
        (compose(0, [], checkpoint(3).note).replace(b"old 0", b"new 0"), 400),
        (compose(0, [bytes(31)], checkpoint(3).note), 400),
        (compose(0, [bytes(32)] * 64, checkpoint(3).note), 400),
        (compose(0, [bytes(32)], checkpoint(3).note), 422),
        (compose(0, [], checkpoint(3).note + "x" * 70_000), 400),
    ],
)
def test_what_is_not_asked_well_is_refused(make: Make, body: bytes, status: int) -> None:
    assert make().add_checkpoint(body).status == status
    assert make().latest(ORIGIN) is None and make().evidence() == []


@settings(deadline=None)
@given(body=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode()))
def test_no_request_breaks_the_parser(body: bytes) -> None:
    asked = parse(body)
    assert asked is None or compose(asked.old, asked.proof, asked.note) == body


@settings(deadline=None)
@given(data=st.data())
def test_one_changed_sign_of_a_cosigned_note_is_found(data: st.DataObject) -> None:
    note = checkpoint(7).note
    whole = note + COSIGNER.cosign(note, START).line
    place = data.draw(st.integers(0, len(whole) - 1))
    sign = data.draw(st.characters(codec="utf-8").filter(lambda one: one != whole[place]))
    changed = whole[:place] + sign + whole[place + 1 :]
    try:
        found = COSIGNER.verifier.find(changed)
    except NoteRefused:
        return
    # What is not signed by the witness, such as the ledger's own line, may differ.
    assert found is None or changed.partition("\n\n")[0] == note.partition("\n\n")[0]


def test_of_two_histories_sent_at_once_one_is_cosigned(make: Make) -> None:
    ask(make(), 0, 5)
    answers: list[int] = []

    def send(leaves: list[bytes], size: int) -> None:
        answers.append(ask(make(), 5, size, leaves).status)

    threads = [
        threading.Thread(target=send, args=(leaves, size))
        for size in range(6, 26)
        for leaves in (LEAVES, OTHERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 1 and len(make().evidence()) <= 1


def test_a_witness_whose_state_is_gone_does_not_start_again(make: Make, tmp_path: Path) -> None:
    ask(make(), 0, 5)
    for file in (tmp_path / "w" / "state").iterdir():
        file.unlink()
    with pytest.raises(WitnessUnfit):
        make()


def test_a_write_that_fails_is_not_answered_with_a_cosignature(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(make(), 0, 5)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("countersign.ground.ledger.witness.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        ask(make(), 5, 9)
    monkeypatch.undo()
    latest = make().latest(ORIGIN)
    assert latest is not None and latest.size == 5
    assert ask(make(), 5, 9).status == 200


def test_a_witness_keeps_its_key(tmp_path: Path) -> None:
    made = open_cosigner(tmp_path / "keys", "w1.example")
    assert open_cosigner(tmp_path / "keys", "w1.example").verifier.text == made.verifier.text
    file = tmp_path / "keys" / "witness.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().startswith("PRIVATE+KEY+w1.example+")


@pytest.mark.parametrize(
    "text",
    ["", "w1.example", LOG.verifier.text, COSIGNER.verifier.text.replace("w1", "w2"), "a+b+c"],
)
def test_what_is_no_key_of_a_witness_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        WitnessKey.parse(text)


def test_times_beyond_reason_are_refused() -> None:
    note = checkpoint(7).note
    raw = COSIGNER.verifier.key_id + (2**63).to_bytes(8, "big") + bytes(64)
    with pytest.raises(NoteRefused):
        COSIGNER.verifier.find(f"{note}\u2014 w1.example {b64encode(raw).decode()}\n")
