"""A walk below a folder that IT allowed never leaves it, whatever lies there or is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.library.folders import (
    NotTaken,
    Outside,
    Seen,
    folders_below,
    opened_file,
    opened_folder,
    parts_of,
    walked,
)

MOST = 1000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A permitted folder with a plain one in it, beside one that nobody may reach."""
    (tmp_path / "root" / "plain" / "deep").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.md").write_text("secret words")
    (tmp_path / "root" / "plain" / "a.md").write_text("open")
    (tmp_path / "root" / "plain" / "deep" / "b.md").write_text("deep")
    return tmp_path / "root"


def seen(root: Path, folder: str = "plain") -> dict[str, str]:
    """By name: ``seen``, or why it was refused."""
    return {
        one.name: one.why if isinstance(one, NotTaken) else "seen"
        for one in walked(root, folder, 2e9, MOST)
    }


def test_plain_files_are_seen_at_every_depth(root: Path) -> None:
    assert seen(root) == {"a.md": "seen", "deep/b.md": "seen"}
    (one, _) = walked(root, "plain", (root / "plain" / "a.md").stat().st_mtime + 7, MOST)
    assert isinstance(one, Seen) and round(one.age) == 7 and one.mark[1] == 4


def test_what_is_not_taken_says_why(root: Path) -> None:
    plain, outside = root / "plain", root.parent / "secret"
    (plain / "link.md").symlink_to(outside / "s.md")
    (plain / "folder.md").symlink_to(outside, target_is_directory=True)
    (plain / "within.md").symlink_to(plain / "a.md")
    os.link(outside / "s.md", plain / "hard.md")
    os.mkfifo(plain / "pipe.md")
    (plain / "empty.md").touch()
    (plain / "big.md").write_bytes(b"x" * (MOST + 1))
    (plain / "run.exe").write_bytes(b"MZ")
    (plain / "back\\slash.md").write_text("x")
    (plain / ".hidden.md").write_text("x")
    (plain / "/".join("cdefghij")).mkdir(parents=True)
    found = seen(root)
    assert found.pop("a.md") == found.pop("deep/b.md") == "seen"
    assert found == {
        "link.md": "link",
        "folder.md": "link",
        "within.md": "link",
        "hard.md": "link",
        "pipe.md": "special",
        "empty.md": "empty",
        "big.md": "large",
        "run.exe": "unsupported",
        "back\\slash.md": "name",
        "c/d/e/f/g/h/i": "deep",
    }


@pytest.mark.parametrize(
    "folder",
    ["", ".", "..", "../secret", "plain/..", "plain/../../secret", "/etc", "plain//deep", "plain/",
     ".git", "plain\\deep", "a\0b", "plain\n", "/".join("a" * 9), "x" * 301],
)  # fmt: skip
def test_no_name_leads_out(root: Path, folder: str) -> None:
    with pytest.raises(Outside):
        parts_of(folder)
    with pytest.raises(Outside), opened_folder(root, folder):
        pass


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.sampled_from(["..", ".", "", "plain", "deep", "/", "out", "secret"]), max_size=6)
)
def test_whatever_is_asked_for_lies_below_the_root(root: Path, parts: list[str]) -> None:
    if not (root / "out").is_symlink():
        (root / "out").symlink_to(root.parent / "secret", target_is_directory=True)
    folder = "/".join(parts)
    try:
        with opened_folder(root, folder) as at:
            place = Path(f"/proc/self/fd/{at}").readlink()
    except (Outside, FileNotFoundError):
        return
    assert place.is_relative_to(root.resolve()) and place != root.resolve()


def test_a_file_that_became_a_link_after_it_was_seen_is_not_opened(root: Path) -> None:
    with opened_file(root, "plain", "a.md", MOST) as file:
        assert file is not None and file.read() == b"open"
    (root / "plain" / "a.md").unlink()
    (root / "plain" / "a.md").symlink_to(root.parent / "secret" / "s.md")
    with opened_file(root, "plain", "a.md", MOST) as file:
        assert file is None
    (root / "plain" / "deep" / "b.md").unlink()
    (root / "plain" / "deep").rmdir()
    (root / "plain" / "deep").symlink_to(root.parent / "secret", target_is_directory=True)
    with pytest.raises(Outside), opened_file(root, "plain", "deep/s.md", MOST):
        pass
    with opened_file(root, "plain", "gone.md", MOST) as file:
        assert file is None


def test_the_root_itself_is_walked_only_where_no_name_asks_for_it(root: Path) -> None:
    (root / "top.md").write_text("top")
    (root / "out").symlink_to(root.parent / "secret", target_is_directory=True)
    found = {
        one.name: one.why if isinstance(one, NotTaken) else "seen"
        for one in walked(root, None, 2e9, MOST)
    }
    assert found == {
        "top.md": "seen", "out": "link", "plain/a.md": "seen", "plain/deep/b.md": "seen"
    }  # fmt: skip
    for name, words in (("top.md", b"top"), ("plain/deep/b.md", b"deep")):
        with opened_file(root, None, name, MOST) as file:
            assert file is not None and file.read() == words
    for name in ("../secret/s.md", "out/s.md", "/etc/passwd"):
        with pytest.raises(Outside), opened_file(root, None, name, MOST):
            pass


def test_folders_are_offered_but_no_links(root: Path) -> None:
    (root / "plain" / "out").symlink_to(root.parent / "secret", target_is_directory=True)
    (root / "plain" / ".git").mkdir()
    assert folders_below(root, "plain", 10) == ["plain", "plain/deep"]
    assert folders_below(root, "plain", 1) == ["plain"]
    assert folders_below(root, "nowhere", 10) == folders_below(root, "..", 10) == []
