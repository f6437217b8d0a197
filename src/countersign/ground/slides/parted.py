"""A browser sends a folder as one run of bytes: here it becomes the files of one slide again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from .errors import UnfitFolder
from .files import BLOCK, new_file, told_full
from .packed import ENTRIES, Unpacked, mirax_of

Part = tuple[str, int]
"""The name of a file within the chosen folder, and its bytes."""

_MAGIC = 128


def parted(
    data: Path, into: Path, parts: Sequence[Part], require: Callable[[int], None]
) -> Unpacked:
    """The files of one slide, written into the new folder ``into`` under names of our own.

    ``parts`` stand in the order in which they were sent and make up ``data`` to the last byte:
    a ``.mrxs`` file and those of the folder of its name, or DICOM instances. No name of theirs
    becomes a path but the plain last parts inside a MIRAX folder. ``require`` raises where so many
    bytes do not fit. Raises UnfitFolder, SlidesFull.
    """
    total = sum(size for _, size in parts)
    if not 1 < len(parts) <= ENTRIES or min(size for _, size in parts) < 0:
        raise UnfitFolder
    if total != data.stat().st_size:
        raise UnfitFolder
    names = [PurePosixPath(name) for name, _ in parts]
    mirax = mirax_of(names)
    if mirax is not None:
        targets = {mirax.opened: into / "slide.mrxs"}
        targets |= {at: into / "slide" / name for name, at in mirax.parts.items()}
    elif _dicom(data, parts):
        targets = {at: into / f"{at:06d}.dcm" for at in range(len(parts))}
    else:
        raise UnfitFolder
    require(total)
    (into / "slide").mkdir(parents=True, mode=0o700)
    with told_full(total):
        _cut(data, [targets[at] for at in range(len(parts))], [size for _, size in parts])
    first = mirax.opened if mirax is not None else 0
    rest = [targets[at] for at in sorted(targets, key=lambda at: targets[at]) if at != first]
    return Unpacked(names[first].name, [targets[first], *rest])


def _dicom(data: Path, parts: Sequence[Part]) -> bool:
    """Whether each part begins as a DICOM file does (PS3.10, 7.1)."""
    with data.open("rb") as file:
        begin = 0
        for _, size in parts:
            file.seek(begin + _MAGIC)
            if size < _MAGIC + 4 or file.read(4) != b"DICM":
                return False
            begin += size
    return True


def _cut(data: Path, targets: Sequence[Path], sizes: Sequence[int]) -> None:
    with data.open("rb") as source:
        for path, size in zip(targets, sizes, strict=True):
            left = size
            with new_file(path) as file:
                while left and (block := source.read(min(BLOCK, left))):
                    file.write(block)
                    left -= len(block)
