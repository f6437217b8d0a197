"""Takes in what appears in the hospital's folder of slides, once nobody writes there any more."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal
from countersign.ground.imaging import series_at
from countersign.ground.shell import Floor
from countersign.ground.slides import Fingerprint, UnfitSlide, companions, fingerprint, place_of
from countersign.kit.errors import CountersignError

from .analysing import GONE

logger = logging.getLogger(__name__)

PATHOLOGY = Principal.system("pathology")
QUIET = timedelta(seconds=10)
"""How long the files of a slide must stay as they are."""

SETTLED = timedelta(minutes=5)
"""Files that the kernel saw no change of for so long are taken at the first look, so that a
worker that begins anew waits for nothing; long enough for a file server whose clock is off."""

ENDINGS = frozenset(
    ("svs", "ndpi", "mrxs", "scn", "bif", "tif", "tiff", "btf", "qptiff", "svslide", "dcm")
    + ("vms", "vmu", "jpg", "jpeg", "png", "jp2")
)


@dataclass(slots=True)
class Watching:
    """``seen`` remembers, as long as this process lives, how each place looked and since when."""

    floor: Floor
    seen: dict[str, tuple[Fingerprint, datetime]] = field(
        default_factory=dict[str, tuple[Fingerprint, datetime]]
    )

    def look(self) -> int:
        """Takes in what is new and quiet; returns how many slides that were.

        One that cannot be taken in stops no other and is tried again when it changes.
        """
        folder = self.floor.slides.keeping.watched
        if folder is None or not folder.is_dir():
            return 0
        found = {place_of(paths[0], folder): paths for paths in slides_in(folder)}
        now = self.floor.clock()
        prints = {place: fingerprint(paths) for place, paths in found.items()}
        unseen = self.floor.slides.intake.unseen(prints)
        self.seen = {place: self.seen[place] for place in unseen if place in self.seen}
        taken = 0
        for place in unseen:
            before, since = self.seen.get(place, (None, now))
            if settled(found[place], now):
                taken += self._take(found[place], folder, prints[place])
            elif before != prints[place]:
                self.seen[place] = prints[place], now
            elif now - since >= QUIET:
                taken += self._take(found[place], folder, prints[place])
        return taken

    def _take(self, paths: Sequence[Path], folder: Path, print_: Fingerprint) -> int:
        intake = self.floor.slides.intake
        try:
            if _instances(paths):
                # Instances of one slide lie among those of others: they are kept together.
                received = intake.receive_files(paths, "folder", PATHOLOGY)
                intake.looked(place_of(paths[0], folder), print_, received.slide)
            else:
                received = intake.take_in_place(paths, folder, PATHOLOGY, print_)
                if not received.new:
                    self._back(received.slide)
        except UnfitSlide:
            return 0
        except CountersignError as problem:
            if problem.status >= 500 and problem.status != 507:
                raise  # the database or the ledger, without which no other is taken in either
            logger.warning("a slide of the folder waits: %s", problem.code)
            return 0  # the next look finds it again, when there may be room
        except Exception as problem:  # noqa: BLE001 - whatever one file brings about stops no other
            logger.warning("a slide of the folder waits: %s", type(problem).__qualname__)
            return 0
        return int(received.new)

    def _back(self, slide: str) -> None:
        """What was given up because its file was not as it came is looked at again."""
        keeping = self.floor.slides.keeping
        one = keeping.one(WHOLE, slide)
        if (one.state, one.code) == ("failed", GONE):
            keeping.move(PATHOLOGY, slide, "queued")


def slides_in(folder: Path) -> Iterator[tuple[Path, ...]]:
    """The files of each slide below ``folder``; links and hidden files are passed by."""
    for inner, names, files in os.walk(folder, followlinks=False):
        here = Path(inner)
        names[:] = sorted(
            one for one in names if not one.startswith(".") and not (here / f"{one}.mrxs").is_file()
        )
        instances: list[Path] = []
        for name in sorted(files):
            path = here / name
            ending = path.suffix.lower().lstrip(".")
            if name.startswith(".") or ending not in ENDINGS or path.is_symlink():
                continue
            if ending == "dcm":
                instances.append(path)
                continue
            try:
                found = tuple(companions(path))
            except OSError:  # a folder beside it that may not be read
                continue
            yield found
        yield from by_series(instances)


def by_series(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """DICOM instances of one slide together; one that cannot be read is a slide of its own,
    which the worklist will show as damaged."""
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(series_at(path) or str(path), []).append(path)
    return [tuple(group) for group in groups.values()]


def settled(paths: Sequence[Path], now: datetime) -> bool:
    """Whether their last change lies far back by the kernel's time, which no copying sets."""
    try:
        last = max(os.lstat(path).st_ctime for path in paths)
    except OSError:
        return False
    return now.timestamp() - last >= SETTLED.total_seconds()


def _instances(paths: Sequence[Path]) -> bool:
    return paths[0].suffix.lower() == ".dcm" and len(paths) > 1
