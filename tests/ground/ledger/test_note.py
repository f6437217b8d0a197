"""Checkpoints are notes that the tools of others can read, and their key stays private."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.ledger import KeyUnsafe, NoteRefused, Signer, Verifier, open_signer

ORIGIN = "hospital.example/ledger"
SIGNER = Signer(ORIGIN, bytes(32))
CHECKPOINT = SIGNER.sign(7, b"\x07" * 32)


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    text, _, signature = CHECKPOINT.note.partition("\n\n")
    assert text.split("\n") == [ORIGIN, "7", b64encode(b"\x07" * 32).decode()]
    assert signature.startswith(f"\u2014 {ORIGIN} ") and signature.endswith("\n")


def test_a_note_of_the_go_checksum_database_opens_with_its_key() -> None:
    # A key and a signature of golang.org/x/mod/sumdb/note, made by an implementation of others.
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    signature = (
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
        "KvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    verifier = Verifier.parse(key)
    assert verifier.text == key
    with pytest.raises(NoteRefused, match="origin"):  # signed well, but no checkpoint
        verifier.open(f"{text}\n\u2014 PeterNeumann {signature}\n")
    with pytest.raises(NoteRefused, match="signature is wrong"):
        verifier.open(f"{text.upper()}\n\u2014 PeterNeumann {signature}\n")


def test_a_note_opens_with_its_own_key_alone() -> None:
    assert SIGNER.verifier.open(CHECKPOINT.note) == CHECKPOINT
    assert Verifier.parse(SIGNER.verifier.text).open(CHECKPOINT.note) == CHECKPOINT
    with pytest.raises(NoteRefused):
        Signer(ORIGIN, b"\1" * 32).verifier.open(CHECKPOINT.note)
    with pytest.raises(NoteRefused):
        Signer("other.example/ledger", bytes(32)).verifier.open(CHECKPOINT.note)


def test_signatures_of_witnesses_do_not_disturb() -> None:
    witness = Signer("witness.example", b"\2" * 32).sign(7, b"\x07" * 32).note
    line = witness.rpartition("\n\n")[2]
    assert SIGNER.verifier.open(CHECKPOINT.note + line).size == 7


@given(st.data())
def test_no_sign_of_a_note_can_change(data: st.DataObject) -> None:
    note = CHECKPOINT.note
    place = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda sign: sign != note[place]))
    with pytest.raises(NoteRefused):
        SIGNER.verifier.open(note[:place] + other + note[place + 1 :])


@given(st.text())
def test_whatever_else_is_given_is_refused_clearly(text: str) -> None:
    with pytest.raises(NoteRefused):
        SIGNER.verifier.open(text)
    with pytest.raises(NoteRefused):
        Verifier.parse(text)


def test_an_origin_with_spaces_is_refused() -> None:
    with pytest.raises(ValueError, match="no spaces"):
        Signer("our hospital", bytes(32))


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = open_signer(folder, ORIGIN)
    assert open_signer(folder, ORIGIN).verifier.text == first.verifier.text
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.read_text().startswith(f"PRIVATE+KEY+{ORIGIN}+")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path, ORIGIN)
    (file,) = tmp_path.iterdir()
    file.chmod(0o640)
    with pytest.raises(KeyUnsafe, match="chmod 600"):
        open_signer(tmp_path, ORIGIN)


@pytest.mark.parametrize("damage", ["", "PRIVATE+KEY", "short", "flip", "hello"])
def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path, damage: str) -> None:
    open_signer(tmp_path, ORIGIN)
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    damaged = {"short": text[:-20], "flip": text[:-12] + "AAAA" + text[-8:]}.get(damage, damage)
    file.write_text(damaged)
    with pytest.raises(KeyUnsafe, match="backup"):
        open_signer(tmp_path, ORIGIN)
    assert file.read_text() == damaged


def test_a_key_of_another_origin_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path, ORIGIN)
    with pytest.raises(KeyUnsafe, match="belongs to"):
        open_signer(tmp_path, "other.example")


def test_of_two_first_starts_one_key_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def late(source: Path, target: Path, **more: bool) -> None:
        monkeypatch.setattr(os, "link", real)
        winners.append(open_signer(tmp_path, ORIGIN).verifier.text)
        real(source, target, **more)

    winners: list[str] = []
    monkeypatch.setattr(os, "link", late)
    assert open_signer(tmp_path, ORIGIN).verifier.text == winners[0]
    assert len(list(tmp_path.iterdir())) == 1
