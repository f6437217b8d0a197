"""A stream opens whole or in parts, and no chunk can be cut, moved, doubled or exchanged."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.vault import (
    Sealed,
    SealedReader,
    StreamKey,
    Suite,
    Unreadable,
    known_stream_key,
    new_stream_key,
    parts_of,
    seal_stream,
)
from ground.vault.stage import Stage, staged

HEAD, TAG, CHUNK = 13, 16, 32
KEY = StreamKey(Suite.AES_256_GCM, Sealed(1, 1, b""), bytes(range(32)))
SM4 = StreamKey(Suite.SM4_GCM, Sealed(2, 1, b""), bytes(range(16)))


def sealed(plain: bytes, key: StreamKey = KEY, chunk: int = CHUNK) -> bytes:
    target = io.BytesIO()
    assert seal_stream(key, parts_of(io.BytesIO(plain), 50), target, chunk=chunk) == len(plain)
    return target.getvalue()


def opened(box: bytes, key: StreamKey = KEY) -> bytes:
    return b"".join(SealedReader(key, io.BytesIO(box)))


@given(
    plain=st.binary(max_size=400),
    chunk=st.integers(1, 70),
    key=st.sampled_from([KEY, SM4]),
    spans=st.lists(st.tuples(st.integers(0, 450), st.integers(0, 450)), max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_what_was_sealed_opens_whole_and_in_parts(
    plain: bytes, chunk: int, key: StreamKey, spans: list[tuple[int, int]]
) -> None:
    box = sealed(plain, key, chunk)
    assert opened(box, key) == plain
    reader = SealedReader(key, io.BytesIO(box))
    assert reader.size == len(plain)
    for offset, size in spans:
        assert reader.read_at(offset, size) == plain[offset : offset + size]


@given(parts=st.lists(st.binary(max_size=90), max_size=8))
def test_the_parts_in_which_a_source_comes_make_no_difference(parts: list[bytes]) -> None:
    target = io.BytesIO()
    seal_stream(KEY, parts, target, chunk=CHUNK)
    assert opened(target.getvalue()) == b"".join(parts)
    assert len(target.getvalue()) == len(sealed(b"".join(parts)))


@given(data=st.data(), plain=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_flipped_bit_is_noticed(data: st.DataObject, plain: bytes) -> None:
    box = bytearray(sealed(plain))
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        opened(bytes(box))


@given(plain=st.binary(max_size=200), data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_cut_or_lengthened_stream_is_not_opened_at_all(plain: bytes, data: st.DataObject) -> None:
    box = sealed(plain)
    cut = data.draw(st.integers(0, len(box) - 1))
    for changed in (box[:cut], box + data.draw(st.binary(min_size=1, max_size=60))):
        with pytest.raises(Unreadable):
            SealedReader(KEY, io.BytesIO(changed))


@given(
    chunks=st.integers(2, 6), data=st.data(), rest=st.integers(1, CHUNK), first=st.integers(0, 255)
)
@settings(deadline=None)
def test_chunks_keep_their_order_and_number(
    chunks: int, data: st.DataObject, rest: int, first: int
) -> None:
    plain = bytes((first + n) % 256 for n in range((chunks - 1) * CHUNK + rest))
    box = sealed(plain)
    parts = [box[HEAD + n * (CHUNK + TAG) :][: CHUNK + TAG] for n in range(chunks)]
    moved = data.draw(st.lists(st.sampled_from(range(chunks)), max_size=8))
    if moved == list(range(chunks)):
        return
    with pytest.raises(Unreadable):
        opened(box[:HEAD] + b"".join(parts[n] for n in moved))


def test_chunks_of_another_stream_do_not_fit() -> None:
    one, other = sealed(b"a" * 80), sealed(b"b" * 80)
    size = CHUNK + TAG
    with pytest.raises(Unreadable):
        opened(one[:HEAD] + other[HEAD : HEAD + size] + one[HEAD + size :])
    with pytest.raises(Unreadable):
        opened(one, StreamKey(Suite.AES_256_GCM, KEY.sealed, bytes(32)))
    with pytest.raises(Unreadable):
        opened(one, SM4)


def test_memory_stays_bounded() -> None:
    class Nothing(io.RawIOBase):
        def write(self, data: object, /) -> int:
            return len(data)  # type: ignore[arg-type]

    def source() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(256 * 1024)

    tracemalloc.start()
    assert seal_stream(KEY, source(), Nothing()) == 16 * 2**20  # type: ignore[arg-type]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * 2**20


@pytest.fixture
def stage(database, tmp_path) -> Iterator[Stage]:  # noqa: ANN001
    with staged(database, tmp_path / "keys") as made:
        yield made


def test_a_streams_key_is_sealed_under_the_patients(stage: Stage) -> None:
    vault = stage.vault()
    key = new_stream_key(vault, "p", "slide/1")
    box = sealed(b"slide" * 100, key)
    assert (
        opened(box, known_stream_key(stage.vault(), "p", key.sealed, "slide/1")) == b"slide" * 100
    )
    for patient, place in (("p", "slide/2"), ("q", "slide/1")):
        with pytest.raises(Unreadable):
            known_stream_key(vault, patient, key.sealed, place)
    assert key.key.hex() not in repr(key) and repr(key.key) not in repr(key)
