"""A foreign file is read by a process of its own: whatever it holds, it ends in a clear state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from countersign.ground.library.understanding import (
    Bounds,
    NotUnderstood,
    ocr_engine,
    page_image,
    read_apart,
)
from ground.library import files

MEBIBYTE = 1024 * 1024


def outcome(data: bytes, name: str, **bounds: float) -> str:
    try:
        return f"read {len(read_apart([data], name, Bounds(**bounds)).text)}"  # type: ignore[arg-type]
    except NotUnderstood as problem:
        return problem.outcome


def test_a_file_is_read_as_it_would_be_here() -> None:
    found = read_apart([files.WHOLE["guideline.pdf"]], "指南 1.pdf")
    assert "body of page 3" in found.text and len(found.pages) == 4


@pytest.mark.parametrize("name", ["broken.pdf", "locked.pdf", "bomb.docx", "locked.docx"])
def test_the_state_comes_from_the_other_process(name: str) -> None:
    expected, data = files.OUTCOMES[name]
    assert outcome(data, name) == expected


def test_two_thousand_pages_are_read_or_refused_within_the_bounds() -> None:
    found = read_apart([files.guideline(2000)], "long.pdf", Bounds(memory=1024 * MEBIBYTE))
    assert len(found.pages) == 2000 and "body of page 2000" in found.text


def test_too_little_memory_time_or_room_are_states() -> None:
    long = files.guideline(400)
    assert outcome(b"word " * 4_000_000, "a.txt", memory=120 * MEBIBYTE) == "too-large"
    assert outcome(long, "a.pdf", patience=0.0) == "too-slow"
    assert outcome(long, "a.pdf", output=1000) == "too-large"
    endless = b"[" * 200_000 + b"\n" + b"> " * 50_000
    assert outcome(endless, "a.md", seconds=20) in ("too-slow", "empty", "read 200000", "broken")


def test_a_picture_that_claims_to_be_huge_gives_a_page_or_a_state() -> None:
    data = files.bomb_image()
    assert outcome(data, "bomb.pdf", memory=1024 * MEBIBYTE, seconds=60) in (
        "empty",
        "scanned",
        "too-large",
        "broken",
    )
    try:
        assert page_image([data], 1).startswith(b"\xff\xd8")
    except NotUnderstood as problem:
        assert problem.outcome in ("too-large", "broken")


def test_a_macro_is_neither_run_nor_read() -> None:
    with_macro = files.with_entry(files.word("处理。"), "word/vbaProject.bin", b"Sub AutoOpen()")
    found = read_apart([with_macro], "a.docm")
    assert found.notes == ("macros",) and "AutoOpen" not in found.text


def test_what_a_file_refers_to_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    page = f'<!doctype html><p>a</p><img src="file://{secret}"><a href="http://127.0.0.1">b</a>'
    assert "secret" not in read_apart([page.encode()], "a.html").text
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><p>c &x;</p></html>'
    assert "the secret" not in read_apart([entity.encode()], "b.html").text


def test_a_page_is_shown_as_it_looks() -> None:
    picture = page_image([files.WHOLE["guideline.pdf"]], 2)
    assert picture.startswith(b"\xff\xd8") and len(picture) > 2000
    with pytest.raises(NotUnderstood):
        page_image([files.WHOLE["guideline.pdf"]], 5)


def test_a_scanned_page_is_recognised() -> None:
    assert ocr_engine() is not None, "install tesseract-ocr with chi_sim and eng (see .ci/run)"
    found = read_apart([files.scanned()], "scan.pdf", Bounds(memory=6144 * MEBIBYTE))
    said = found.text.replace(" ", "")
    assert "6.5" in said and "mmol" in said and "立即处理" in said
    assert "ocr" in found.notes and found.pages[0].recognised


def test_the_process_that_reads_has_no_secrets_and_no_network() -> None:
    """Its environment is empty and its hook refuses; seen from a hook like it."""
    from countersign.ground.library.understanding import child

    for event, arguments in (
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("subprocess.Popen", ("/bin/sh", [], None, None)),
        ("open", ("/tmp/x", "w", 0)),
        ("os.system", (b"true",)),
    ):
        with pytest.raises(PermissionError):
            child._refuse(event, arguments)
    child._refuse("open", (sys.executable, "rb", 0))
