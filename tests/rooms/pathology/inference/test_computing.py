"""What a computing process keeps open between two tiles is the file that lies there now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.slide_toy import Toy
from countersign.ground.imaging import SlideDamaged
from countersign.rooms.pathology.inference import computing
from countersign.rooms.pathology.inference.computing import ToPlan, plan_of
from countersign.rooms.pathology.inference.errors import Unmeasurable
from rooms.pathology.dicom_stage import Painted

OPENED: list[Kept] = []
FAILING: list[Exception] = []


class Kept(Painted):
    """A painted slide that knows the bytes it was opened from, and whether it is open."""

    def __init__(self, content: bytes) -> None:
        self.content, self.closed = content, False

    def close(self) -> None:
        self.closed = True


class Told(Toy):
    """An analysis whose plan is the file's content."""

    def plan(self, slide: Any) -> Any:
        assert not slide.closed
        if FAILING:
            raise FAILING.pop()
        return slide.content


def opening(path: Path) -> Any:
    OPENED.append(Kept(path.read_bytes()))
    return OPENED[-1]


@pytest.fixture(autouse=True)
def nothing_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(computing, "_slides", {})
    yield
    OPENED.clear()


def test_a_file_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "slide.svs"
    path.write_bytes(b"one")
    item = ToPlan(opening, path, Told)
    assert [plan_of(item), plan_of(item), len(OPENED)] == [b"one", b"one", 1]
    other = tmp_path / "other"
    other.write_bytes(b"two")
    other.replace(path)
    assert [plan_of(item), len(OPENED)] == [b"two", 2]


def test_a_slide_that_could_not_be_read_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "slide.svs"
    path.write_bytes(b"one")
    item = ToPlan(opening, path, Told)
    FAILING.append(SlideDamaged(reason="tile"))
    with pytest.raises(SlideDamaged):
        plan_of(item)
    assert [plan_of(item), [one.closed for one in OPENED]] == [b"one", [True, False]]
    FAILING.append(Unmeasurable(reason="no-tissue"))
    with pytest.raises(Unmeasurable):
        plan_of(item)
    assert [plan_of(item), len(OPENED)] == [b"one", 2]
