"""SM4-GCM and SM3 as their standards publish them, and two suites in one database."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.db import Database
from countersign.ground.vault import SealedFileProvider, Suite, Unreadable, WrongKeys
from countersign.ground.vault.index import BlindIndex, SM3Digest, keyed
from countersign.ground.vault.suites import SM4GCM, cipher
from ground.vault.stage import staged


def test_sm4_gcm_of_rfc_8998() -> None:
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    data = bytes.fromhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    )
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    box = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert SM4GCM(key).encrypt(nonce, data, bound) == box
    assert SM4GCM(key).decrypt(nonce, box, bound) == data
    with pytest.raises(InvalidTag):
        SM4GCM(key).decrypt(nonce, box, b"")


def test_sm4_of_gb_t_32907() -> None:
    """GB/T 32907-2016, appendix A.1: the block cipher, seen through the counter mode."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block
    assert block.update(key) == bytes.fromhex("681edf34d206965e86b3e94f536e4246")


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_of_gb_t_32905(message: bytes, digest: str) -> None:
    """GB/T 32905-2016, appendix A."""
    assert SM3Digest(message).digest().hex() == digest
    parts = SM3Digest(message[:1])
    parts.update(message[1:])
    assert parts.copy().digest() == parts.digest() == bytes.fromhex(digest)


def test_hmac_sm3_of_gm_t_0042() -> None:
    """GM/T 0042-2015, appendix D.3."""
    key = bytes(range(1, 33))
    message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    digest = "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    assert keyed(Suite.SM4_GCM, key, message).hex() == digest


@given(key=st.binary(min_size=1, max_size=64), message=st.binary(max_size=300))
def test_the_keyed_hash_of_aes_is_hmac_sha_256(key: bytes, message: bytes) -> None:
    assert keyed(Suite.AES_256_GCM, key, message) == hmac.digest(key, message, "sha256")


@given(field=st.text(max_size=20), value=st.text(max_size=80))
def test_the_blind_index_of_sm4_is_hmac_sm3(field: str, value: str) -> None:
    key = bytes(range(32))
    message = f"{len(field)}\0{field}{value}".encode("utf-8", "surrogatepass")
    number = BlindIndex(key, Suite.SM4_GCM).number(field, value)
    assert number.to_bytes(8, "big", signed=True) == keyed(Suite.SM4_GCM, key, message)[:8]


@given(box=st.binary(max_size=60), suite=st.integers(-1, 4), key=st.binary(max_size=40))
def test_whatever_is_no_box_does_not_open(box: bytes, suite: int, key: bytes) -> None:
    with pytest.raises((Unreadable, InvalidTag, ValueError)):
        cipher(suite, key).decrypt(box[:12], box[12:], b"context")


def test_two_suites_in_one_database(database: Database, tmp_path: Path) -> None:
    with staged(database, tmp_path / "keys") as stage:
        stage.patients("p", "q")
        aes, sm4 = stage.vault(), stage.vault(Suite.SM4_GCM)
        stage.write(aes, "p", 1)
        stage.write(sm4, "q", 1)
        stage.write(sm4, "p", 2)  # a patient who has a key keeps its suite
        suites = stage.owner("select id, suite from chart.version order by id")
        assert suites == [("p-1", 1), ("p-2", 1), ("q-1", 2)]
        for vault in (aes, sm4, stage.vault(), stage.vault(Suite.SM4_GCM)):
            for patient, number in (("p", 1), ("p", 2), ("q", 1)):
                assert stage.read(vault, patient, number)
        report = stage.rotate(Suite.SM4_GCM)
        assert report.complete
        assert report.census.by_suite() == {"SM4_GCM": 3}
        assert stage.read(aes, "p", 1) == stage.read(stage.vault(), "p", 1)


def test_the_index_of_a_database_never_changes(database: Database, tmp_path: Path) -> None:
    with staged(database, tmp_path / "keys") as stage:
        before = stage.vault().blind("name", "wang")
        later = stage.vault(Suite.SM4_GCM)
        assert later.blind("name", "wang") == before
        assert later.index_suite() is Suite.AES_256_GCM


def test_a_database_that_began_with_sm4_is_searched_with_sm3(
    database: Database, tmp_path: Path
) -> None:
    with staged(database, tmp_path / "keys") as stage:
        number = stage.vault(Suite.SM4_GCM).blind("name", "wang")
        key = SealedFileProvider(tmp_path / "keys").index_key()
        assert number == BlindIndex(key, Suite.SM4_GCM).number("name", "wang")
        assert stage.vault().blind("name", "wang") == number
        (tmp_path / "keys" / "index.key").unlink()
        SealedFileProvider(tmp_path / "other")
        (tmp_path / "other" / "index.key").rename(tmp_path / "keys" / "index.key")
        with pytest.raises(WrongKeys):
            stage.vault().blind("name", "wang")


def test_the_keys_of_an_sm4_installation(tmp_path: Path) -> None:
    provider = SealedFileProvider(tmp_path / "keys", Suite.SM4_GCM)
    wrapped = provider.wrap(1, bytes(range(16)))
    assert provider.unwrap(1, wrapped) == bytes(range(16))
    text = (tmp_path / "keys" / "wrapping-0001.key").read_text()
    assert text.startswith("countersign key 2 sm4\n")
    for changed in (b"", wrapped[:-1], wrapped[:5], bytes([wrapped[0] ^ 1]) + wrapped[1:]):
        with pytest.raises(Unreadable):
            provider.unwrap(1, changed)
    mixed = SealedFileProvider(tmp_path / "keys")
    assert mixed.add_version() == 2
    assert mixed.unwrap(1, wrapped) == bytes(range(16))
    with pytest.raises(Unreadable):
        mixed.unwrap(2, wrapped)
    assert len(mixed.wrap(2, bytes(16))) == 24  # RFC 3394
