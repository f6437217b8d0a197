"""A folder with a small BERT gives vectors; a folder with anything else is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library import BrokenEncoder, Encoder
from countersign.ground.library.encoder import gelu, read_safetensors
from countersign.ground.library.wordpiece import WordPiece

from .encoders import PIECES, encoder_in

CUT = WordPiece({piece: number for number, piece in enumerate(PIECES)}, longest=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encoder_in(tmp_path_factory.mktemp("encoder"))


def test_vectors_have_length_one_and_depend_on_their_own_text_alone(folder: Path) -> None:
    encoder = Encoder(folder)
    both = encoder.encode(["kidney stones", "drainage. " * 40])
    assert np.allclose(np.linalg.norm(both, axis=1), 1, atol=1e-5)
    assert np.allclose(encoder.encode(["kidney stones"])[0], both[0], atol=1e-6)


def test_the_order_of_words_counts(folder: Path) -> None:
    one, other = Encoder(folder).encode(["kidney stone", "stone kidney"])
    assert float(one @ other) < 0.9999


def test_the_activation_is_x_times_the_normal_distribution() -> None:
    values = np.linspace(-6, 6, 101, dtype=np.float32)
    wanted = [x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in values.tolist()]
    assert np.allclose(gelu(values), wanted, atol=1e-6)


@pytest.mark.parametrize("name", ["config.json", "vocab.txt", "model.safetensors"])
def test_a_missing_or_broken_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    encoder_in(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for broken in (b"", whole[: len(whole) // 2], b"\xff" * 64):
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(BrokenEncoder):
            Encoder(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BrokenEncoder):
        Encoder(tmp_path)


def test_words_are_cut_into_the_longest_known_pieces() -> None:
    assert CUT.numbers("Stones, drainage!") == [2, 5, 6, 1, 7, 8, 3][:5] + [3]
    assert CUT.numbers("") == [2, 3]


@given(st.text(max_size=50))
def test_no_text_breaks_the_cutting(text: str) -> None:
    numbers = CUT.numbers(text)
    assert 2 <= len(numbers) <= 6
    assert numbers[0] == 2
    assert numbers[-1] == 3


@given(data=st.binary(max_size=80))
def test_no_file_breaks_the_reader(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.safetensors"
    file.write_bytes(data)
    with pytest.raises(ValueError, match="."):
        read_safetensors(file)
