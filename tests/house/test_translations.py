"""Every sentence that a person may read has its Chinese, and no two rooms differ in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.app.rooms import ROOMS
from countersign.ground.shell.extraction import missing_translations
from house.tree import ROOT

SOURCE = ROOT / "src" / "countersign"
ROOM_FOLDERS = [
    *sorted(path for path in (SOURCE / "rooms").iterdir() if (path / "room.py").is_file()),
    SOURCE / "doors" / "cdshooks",
    SOURCE / "doors" / "hl7v2",
    SOURCE / "doors" / "smart",
]


def test_the_house_speaks_both_languages() -> None:
    """Doors are left out: they speak to other systems, in the standard's own words."""
    locales = [room.locale for room in ROOMS if room.locale is not None]
    floors = [SOURCE / name for name in ("app", "ground", "kit", "rooms")]
    assert not missing_translations(floors, locales)


@pytest.mark.parametrize("folder", ROOM_FOLDERS, ids=lambda folder: folder.name)
def test_a_room_brings_its_own_words_and_no_others(folder: Path) -> None:
    assert not missing_translations([folder], [folder / "locale"], here_only=folder / "locale")
