"""The key folder belongs to one user, is written whole, and says what is wrong with it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from countersign.ground.vault import (
    KeyDamaged,
    KeysExposed,
    KeysMissing,
    SealedFileProvider,
    Unreadable,
)

KEY = bytes(range(32))


def test_folder_and_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        SealedFileProvider(tmp_path / "a" / "keys").add_version()
    finally:
        os.umask(before)
    folder = tmp_path / "a" / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        "index.key",
        "wrapping-0001.key",
        "wrapping-0002.key",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_second_start_finds_the_same_keys(tmp_path: Path) -> None:
    first, second = (SealedFileProvider(tmp_path / "keys") for _ in range(2))
    assert first.index_key() == second.index_key()
    assert second.unwrap(1, first.wrap(1, KEY)) == KEY


def test_starts_at_the_same_time_agree(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    wrapped: list[bytes] = []

    def start() -> None:
        barrier.wait()
        provider = SealedFileProvider(tmp_path / "keys")
        wrapped.append(provider.index_key() + provider.wrap(1, KEY))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrapped) == 8
    assert len(set(wrapped)) == 1
    assert not list((tmp_path / "keys").glob(".*"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
@pytest.mark.parametrize("name", ["index.key", "wrapping-0001.key"])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    SealedFileProvider(tmp_path / "keys")
    (tmp_path / "keys" / name).chmod(mode)
    with pytest.raises(KeysExposed, match=f"mode {mode:04o}.*chmod 600 .*{name}"):
        SealedFileProvider(tmp_path / "keys")


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(KeysExposed, match="chmod 700"):
        SealedFileProvider(tmp_path / "keys")
    assert not list((tmp_path / "keys").iterdir())


def test_damaged_files_are_noticed_without_showing_them(tmp_path: Path) -> None:
    SealedFileProvider(tmp_path / "keys")
    path = tmp_path / "keys" / "wrapping-0001.key"
    whole = path.read_bytes()
    swapped = (tmp_path / "keys" / "index.key").read_bytes()
    mistyped = whole.replace(b"key ", b"key 0", 1)[:-1]
    digit = whole.index(b"\nkey ") + 10
    flipped = whole[:digit] + (b"0" if whole[digit : digit + 1] != b"0" else b"1")
    flipped += whole[digit + 1 :]
    for damaged in (b"", whole[:-5], whole[: len(whole) // 2], swapped, mistyped, flipped):
        path.write_bytes(damaged)
        with pytest.raises(KeyDamaged, match="not a complete key file") as caught:
            SealedFileProvider(tmp_path / "keys")
        assert whole.split(b"\n")[2][8:40].decode() not in repr(caught.value) + str(caught.value)
    path.write_bytes(whole)
    SealedFileProvider(tmp_path / "keys")


def test_a_lost_index_key_is_not_replaced(tmp_path: Path) -> None:
    SealedFileProvider(tmp_path / "keys")
    (tmp_path / "keys" / "index.key").unlink()
    with pytest.raises(KeysMissing):
        SealedFileProvider(tmp_path / "keys")


def test_an_interrupted_first_start_is_finished_by_the_next(tmp_path: Path) -> None:
    SealedFileProvider(tmp_path / "keys")
    (tmp_path / "keys" / "wrapping-0001.key").unlink()
    (tmp_path / "keys" / ".wrapping-0001.key.0123").write_bytes(b"half")
    index = (tmp_path / "keys" / "index.key").read_bytes()
    SealedFileProvider(tmp_path / "keys")
    assert (tmp_path / "keys" / "index.key").read_bytes() == index


def test_unknown_versions_and_changed_wraps_do_not_open(tmp_path: Path) -> None:
    provider = SealedFileProvider(tmp_path / "keys")
    wrapped = provider.wrap(1, KEY)
    for changed in (b"", wrapped[:-8], bytes([wrapped[0] ^ 1]) + wrapped[1:]):
        with pytest.raises(Unreadable):
            provider.unwrap(1, changed)
    with pytest.raises(KeysMissing):
        provider.unwrap(7, wrapped)
    with pytest.raises(KeysMissing):
        provider.wrap(7, KEY)
