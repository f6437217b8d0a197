"""Instances of one series become a slide."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from countersign.ground.imaging.errors import SlideDamaged, SlideError, SlideUnknown
from countersign.ground.imaging.pyramid import Pyramid, alone, overview_possible, times_smaller
from countersign.ground.imaging.sayings import identifier, plausible
from countersign.ground.imaging.slide import Associated, Pixels

from .frames import Frames, frames_of
from .instance import Instance, instance_of, series_of

MOST_FILES = 512
LARGEST_PICTURE = 1 << 26
BESIDE = {
    "LABEL": Associated.LABEL,
    "OVERVIEW": Associated.MACRO,
    "THUMBNAIL": Associated.THUMBNAIL,
}


def open_dicom(path: Path) -> Pyramid:
    """A folder of instances, or one file with those of its series beside it.

    Raises SlideUnknown (no whole slide, or several), SlideDamaged, SlideTooLarge.
    """
    opened: list[Instance] = []
    try:
        for file in _files(path):
            opened.append(instance_of(file))
        return _slide(opened)
    except SlideError:
        _close(opened)
        raise
    except Exception as why:  # noqa: BLE001 - a hostile file finds every error there is
        _close(opened)
        raise SlideDamaged(reason="dicom") from why


def _files(path: Path) -> list[Path]:
    """The instances of one series. Slides of two patients in a folder are never taken for one."""
    folder = path if path.is_dir() else path.parent
    found = sorted(one for one in folder.iterdir() if one.is_file())
    if path.is_dir() and len(found) > MOST_FILES:
        raise SlideUnknown(reason="too-many-files")
    series = {one: uid for one in found[:MOST_FILES] if (uid := series_of(one))}
    wanted = series_of(path) if path.is_file() else None
    if wanted:
        series = {path: wanted} | series
    uids = {wanted} if wanted else set(series.values())
    if not series or (path.is_file() and not wanted):
        raise SlideUnknown(reason="dicom")
    if len(uids) > 1:
        raise SlideUnknown(reason="several-slides")
    return [one for one, uid in series.items() if uid in uids]


def _close(instances: Iterable[Instance]) -> None:
    for one in instances:
        one.file.close()


def _slide(instances: list[Instance]) -> Pyramid:
    by_size: dict[tuple[int, int], list[Instance]] = {}
    pictures: dict[Associated, Callable[[], Pixels]] = {}
    for one in instances:
        if one.kind in BESIDE:
            if one.size[0] * one.size[1] <= LARGEST_PICTURE:
                pictures.setdefault(BESIDE[one.kind], partial(_picture, one))
        else:
            by_size.setdefault(one.size, []).append(one)
    if not by_size:
        raise SlideUnknown(reason="no-volume")
    sizes = sorted(by_size, reverse=True)
    base = by_size[sizes[0]]
    stored = [frames_of(_same(base), 1.0)]
    for size in sizes[1:]:
        downsample = times_smaller(sizes[0], size)
        if downsample is not None:
            stored.append(frames_of(_same(by_size[size]), downsample))
    overview_possible(stored[-1])
    return Pyramid(
        format="dicom",
        stored=tuple(stored),
        mpp=_mpp(base[0].header),
        properties=_sayings(base[0].header),
        pictures=pictures,
        letting_go=partial(_close, instances),
    )


def _same(parts: list[Instance]) -> list[Instance]:
    """The parts of one concatenation; without one, the first instance of this size."""
    whole = parts[0].header.get("ConcatenationUID")
    if not whole:
        return parts[:1]
    return [one for one in parts if one.header.get("ConcatenationUID") == whole]


def _picture(one: Instance) -> Pixels:
    frames: Frames = frames_of([one], 1.0)
    width, height = one.size
    return alone(frames).region(0, 0, width, height)


def _mpp(header: Any) -> tuple[float, float] | None:
    """Pixel spacing in mm, rows first (PS3.3, 10.7.1.3); else the size of what was imaged."""
    try:
        shared = header.SharedFunctionalGroupsSequence[0]
        down, across = shared.PixelMeasuresSequence[0].PixelSpacing
        return plausible(float(across) * 1000, float(down) * 1000)
    except (AttributeError, IndexError, TypeError, ValueError):
        pass
    try:
        return plausible(
            float(header.ImagedVolumeWidth) * 1000 / int(header.TotalPixelMatrixColumns),
            float(header.ImagedVolumeHeight) * 1000 / int(header.TotalPixelMatrixRows),
        )
    except (AttributeError, TypeError, ValueError, ZeroDivisionError):
        return None


def _sayings(header: Any) -> dict[str, str]:
    """The scanner and how it scanned; nothing of the patient's module is looked at."""
    paths: Any = header.get("OpticalPathSequence") or []
    first: Any = paths[0] if paths else {}
    maker = f"{header.get('Manufacturer', '')} {header.get('ManufacturerModelName', '')}"
    found = {
        "scanner": maker.strip(),
        "magnification": str(first.get("ObjectiveLensPower", "") or ""),
        "scanned": str(header.get("AcquisitionDateTime", "") or ""),
        "software": str(header.get("SoftwareVersions", "") or ""),
        "label": identifier(str(header.get("ContainerIdentifier", "") or "")),
        "icc": "not applied" if first.get("ICCProfile") else "",
    }
    return {name: text[:200] for name, text in found.items() if text}
