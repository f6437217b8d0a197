"""What runs in a process that computes: everything that touches a slide's pixels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from countersign.ground.imaging import Associated, Slide, SlideError, Stamp, stamp_of
from countersign.rooms.pathology.domain.measured import Findings, Nuclei, Plan, Tile

from .analysis import Analysis
from .label_words import words_on
from .labels import codes_on
from .registry import MakeAnalysis, Opener


@dataclass(frozen=True, slots=True)
class ToSee:
    """A slide to be looked at for the first time."""

    opener: Opener
    path: Path


@dataclass(frozen=True, slots=True)
class Seen:
    """What it says of itself, sizes in level-0 pixels, and what the codes on its label say."""

    format: str
    width: int
    height: int
    levels: int
    mpp: tuple[float, float] | None
    scanner: str
    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToPlan:
    """A slide to be planned."""

    opener: Opener
    path: Path
    make: MakeAnalysis


@dataclass(frozen=True, slots=True)
class ToMeasure:
    """Some tiles of a plan, which comes without its tiles and regions."""

    opener: Opener
    path: Path
    make: MakeAnalysis
    plan: Plan
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class ToFinish:
    """A whole plan with the nuclei of all its tiles, in their order."""

    opener: Opener
    path: Path
    make: MakeAnalysis
    plan: Plan
    nuclei: Nuclei


def see(item: ToSee) -> Seen:
    """Opens a slide. Raises the errors of imaging."""
    slide = item.opener(item.path)
    try:
        first, said = slide.levels[0], slide.properties
        label = slide.associated(Associated.LABEL)
        return Seen(
            format=slide.format,
            width=first.width,
            height=first.height,
            levels=len(slide.levels),
            mpp=slide.mpp,
            scanner=said.get("scanner", ""),
            label=said.get("label", ""),
            codes=() if label is None else codes_on(label),
        )
    finally:
        slide.close()


def words_of(item: ToSee) -> str:
    """What is recognised on a slide's label; empty where it has none. As ``see``."""
    slide = item.opener(item.path)
    try:
        label = slide.associated(Associated.LABEL)
        return "" if label is None else words_on(label)
    finally:
        slide.close()


def plan_of(item: ToPlan) -> Plan:
    """What is to be measured. Raises the errors of imaging, Unmeasurable."""
    with _held(item.opener, item.path, item.make) as (slide, analysis):
        return analysis.plan(slide)


def nuclei_of(item: ToMeasure) -> Nuclei:
    """The nuclei of these tiles, in their order. Raises the errors of imaging."""
    with _held(item.opener, item.path, item.make) as (slide, analysis):
        return Nuclei.joined([analysis.measure(slide, item.plan, tile) for tile in item.tiles])


def findings_of(item: ToFinish) -> Findings:
    """The figures of the whole slide. Raises the errors of imaging."""
    with _held(item.opener, item.path, item.make) as (slide, analysis):
        return analysis.finish(slide, item.plan, item.nuclei)


def light(plan: Plan) -> Plan:
    """A plan as it travels with a few tiles: without all the others."""
    return replace(plan, tiles=(), tissue=(), artefacts=())


_Key = tuple[Opener, Stamp]
_slides: dict[_Key, Slide] = {}
_analyses: dict[Callable[[], Analysis], Analysis] = {}
MOST_OPEN = 2


@contextmanager
def _held(opener: Opener, path: Path, make: MakeAnalysis) -> Generator[tuple[Slide, Analysis]]:
    """Opened slides and analyses stay for the next tiles of the same process; a file that was
    replaced is another slide, and one that could not be read is opened anew. Raises the errors of
    imaging."""
    if make not in _analyses:
        _analyses[make] = make()
        _quiet()
    key = opener, stamp_of(path)
    if key not in _slides:
        while len(_slides) >= MOST_OPEN:
            _slides.pop(next(iter(_slides))).close()
        _slides[key] = opener(path)
    try:
        yield _slides[key], _analyses[make]
    except SlideError:
        _slides.pop(key).close()
        raise


def _quiet() -> None:
    """One thread in each computing process: more of them cost two to six times one on a busy
    core."""
    loaded: dict[str, Any] = dict(sys.modules)
    if "cv2" in loaded:
        loaded["cv2"].setNumThreads(1)
    if "numba" in loaded:
        loaded["numba"].set_num_threads(1)
