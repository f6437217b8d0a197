"""The room called modelbench can be opened by the house and reads in both languages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from countersign.ground.shell import actions_of
from countersign.ground.shell.extraction import missing_translations
from countersign.rooms.modelbench import room

HERE = Path(room.__file__).parent


def test_every_page_asks_the_policy() -> None:
    floor: Any = SimpleNamespace(gateway=None, pages=None, studies=None)
    assert room.manifest.pages is not None
    router = room.manifest.pages(floor)
    assert router.routes
    assert all(actions_of(route) for route in router.routes)


def test_every_sentence_has_its_chinese() -> None:
    assert room.manifest.locale is not None
    locale = room.manifest.locale
    assert not missing_translations([HERE], [locale], here_only=locale)
