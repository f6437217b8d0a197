"""A recording is known by how it begins, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.kit.sound import media_of


@pytest.mark.parametrize(
    ("begins", "media"),
    [
        (b"\x1a\x45\xdf\xa3\x9f", "audio/webm"),
        (b"OggS\x00", "audio/ogg"),
        (b"\x00\x00\x00\x1cftypisom", "audio/mp4"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_what_browsers_record_is_known(begins: bytes, media: str | None) -> None:
    assert media_of(begins) == media


@given(st.binary(max_size=64))
def test_whatever_comes_is_a_known_form_or_none(content: bytes) -> None:
    assert media_of(content) in {None, "audio/webm", "audio/ogg", "audio/mp4", "audio/wav"}
