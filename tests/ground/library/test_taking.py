"""The folder that IT names is watched as strictly as curators' own, and keeps what came before."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.ground.db import DbRole
from countersign.ground.library import (
    LIBRARIAN,
    Card,
    FolderNamed,
    NotTaken,
    Shelved,
    Watch,
)
from countersign.ground.library.watching import Watching
from ground.library.shelves import TEXT, Shelves, card

SAYS = iter(range(10, 99))


@pytest.fixture
def watching(shelves: Shelves, tmp_path: Path) -> Iterator[Watching]:
    """With a folder that IT named, below one that curators may not choose from."""
    made = shelves.library.watching
    made.named = tmp_path / "guidelines"
    made.named.mkdir()
    yield made
    made.named = None
    made.look()


def words() -> str:
    """A text that nobody wrote before."""
    return TEXT.replace("6.5", f"6.3{next(SAYS)}")


def put(watching: Watching, name: str, text: str) -> Path:
    """A file that has rested for a minute."""
    assert watching.named is not None
    file = watching.named / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    os.utime(file, (rested := time.time() - 60 - len(text) % 17 - next(SAYS), rested))
    return file


def known(shelves: Shelves, name: str) -> list[Shelved]:
    """Documents that say they came from a file of this name."""
    return [d for d in shelves.library.keeping.documents(LIBRARIAN) if d.card.file == name]


def one(shelves: Shelves, watching: Watching, by: str = "curator") -> Watch:
    (found,) = watching.all(shelves.who(by))
    return found


def anew(watching: Watching) -> int:
    """A look as after a restart."""
    watching._taking._marks.clear()
    return watching.look()


def before(shelves: Shelves, name: str, text: str) -> str:
    """A document that this folder's file became when places were not kept yet."""
    card = Card(Path(name).stem, owner=LIBRARIAN.id, file=name)
    return shelves.library.keeping.receive(LIBRARIAN, card, [text.encode()])[0]


def test_each_file_comes_in_once_as_a_draft_of_the_whole_hospital(
    shelves: Shelves, watching: Watching
) -> None:
    put(watching, "plain.md", words())
    put(watching, "deep/er/below.md", words())
    put(watching, ".hidden.md", words())
    assert (watching.look(), watching.look(), anew(watching)) == (2, 0, 0)
    for name in ("plain.md", "deep/er/below.md"):
        (document,) = known(shelves, name)
        assert (document.state, document.card.home) == ("draft", "*")
        assert (document.card.permission.reach, document.card.kind) == ("clinical/*", "guideline")
        assert document.card.title == Path(name).stem
    put(watching, "later.md", words()).touch()
    assert watching.look() == 0, "somebody still writes it"


def test_curators_see_it_and_only_it_can_stop_it(shelves: Shelves, watching: Watching) -> None:
    watching.look()
    for name in ("curator", "keeper"):
        found = one(shelves, watching, name)
        assert found.named and found.terms.folder == str(watching.named)
        assert found.look is not None and found.look.state == "looked"
        with pytest.raises(FolderNamed):
            watching.stop(shelves.who(name), found.id)
    assert watching.all(shelves.who("wang")) == []
    (event,) = shelves.building.events(f"watch:{found.id}")
    assert (event.kind, event.actor) == ("folder-watched", LIBRARIAN.actor)
    watching.named, named = None, watching.named
    put_away = found.id
    assert (watching.look(), watching.all(shelves.who("curator"))) == (0, [])
    assert shelves.building.events(f"watch:{put_away}")[-1].kind == "folder-unwatched"
    watching.named = named


def test_what_is_refused_is_said_at_every_look(
    shelves: Shelves, watching: Watching, tmp_path: Path
) -> None:
    assert watching.named is not None
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.md").write_text(words(), encoding="utf-8")
    (watching.named / "link.md").symlink_to(tmp_path / "secret" / "s.md")
    (watching.named / "away").symlink_to(tmp_path / "secret")
    os.link(tmp_path / "secret" / "s.md", watching.named / "hard.md")
    (watching.named / "empty.md").touch()
    (watching.named / "tool.exe").write_bytes(b"MZ")
    curator = shelves.who("curator")
    shelves.library.keeping.receive(curator, card(curator.id, file="mine.md"), [words().encode()])
    put(watching, "mine.md", words())
    for _ in range(2):
        assert watching.look() == 0
        look = one(shelves, watching).look
        assert look is not None and set(look.refused) == {
            NotTaken("link.md", "link"),
            NotTaken("away", "link"),
            NotTaken("hard.md", "link"),
            NotTaken("empty.md", "empty"),
            NotTaken("tool.exe", "unsupported"),
            NotTaken("mine.md", "uploaded"),
        }
    (mine,) = known(shelves, "mine.md")
    assert len(shelves.library.keeping.versions(LIBRARIAN, mine.id)) == 1


def test_a_folder_that_is_away_is_said_and_comes_back(shelves: Shelves, watching: Watching) -> None:
    assert watching.named is not None
    put(watching, "here.md", words())
    watching.named.rename(aside := watching.named.with_name("aside"))
    assert watching.look() == 0
    assert one(shelves, watching).look.state == "missing"  # type: ignore[union-attr]
    aside.rename(watching.named)
    assert watching.look() == 1


def test_what_came_before_places_were_kept_comes_in_no_second_time(
    shelves: Shelves, watching: Watching
) -> None:
    keeping = shelves.library.keeping
    said = {name: words() for name in ("same.md", "sub/changed.md", "gone.md", "anew.md")}
    old = {name: before(shelves, name, text) for name, text in said.items()}
    for name in ("gone.md", "anew.md"):
        keeping.withdraw(LIBRARIAN, old[name], "an error was found in it")
    for name, text in said.items():
        put(watching, name, text if name in ("same.md", "gone.md") else words())
    watching._settle([])
    came = one(shelves, watching).taken
    assert watching.look() == 2
    assert [anew(watching), one(shelves, watching).taken] == [0, came + 4]
    assert [one.id for one in known(shelves, "same.md")] == [old["same.md"]]
    assert [one.id for one in known(shelves, "sub/changed.md")] == [old["sub/changed.md"]]
    assert [v.number for v in keeping.versions(LIBRARIAN, old["sub/changed.md"])] == [2, 1]
    assert [one.id for one in known(shelves, "gone.md")] == [old["gone.md"]]
    assert sorted(one.state for one in known(shelves, "anew.md")) == ["draft", "withdrawn"]


def test_a_file_put_back_is_a_version_and_what_a_curator_put_in_its_place_stays(
    shelves: Shelves, watching: Watching
) -> None:
    keeping, curator = shelves.library.keeping, shelves.who("curator")
    first, second = words(), words()
    for text in (first, second, first):
        put(watching, "swing.md", text)
        assert (watching.look(), anew(watching)) == (1, 0)
    (document,) = known(shelves, "swing.md")
    keeping.add_version(curator, document.id, "by-hand.md", [words().encode()])
    assert anew(watching) == 0, "the file did not change"
    assert [v.number for v in keeping.versions(curator, document.id)] == [4, 3, 2, 1]
    assert keeping.one(curator, document.id).version is None, "a curator publishes"


def test_the_folder_may_move_and_be_taken_out_for_a_while(
    shelves: Shelves, watching: Watching
) -> None:
    assert watching.named is not None
    put(watching, "moves.md", words())
    assert watching.look() == 1
    held = one(shelves, watching)
    moved = watching.named.rename(watching.named.with_name("share"))
    for named in (moved, None, moved):
        watching.named = named
        assert watching.look() == 0
        found = watching.all(shelves.who("keeper"))
        assert [w.taken for w in found] == ([held.taken] if named else [])
        assert held.id not in {w.id for w in found}
    put(watching, "moves.md", words())
    assert watching.look() == 1
    (document,) = known(shelves, "moves.md")
    assert len(shelves.library.keeping.versions(LIBRARIAN, document.id)) == 2
    rows = shelves.building.database.pool(DbRole.LIBRARY)
    for row in rows.within(shelves.library.keeping.scope(LIBRARIAN)).rows(
        "select box from library.watch"
    ):
        assert b"share" not in row["box"]


def test_two_workers_that_begin_at_once_begin_one_watch(
    shelves: Shelves, watching: Watching
) -> None:
    live = watching._watches.live(shelves.library.keeping.scope(LIBRARIAN))
    assert [one for one in live if one.named] == []
    assert watching._settle([])
    (begun,) = [one.id for one in watching.all(shelves.who("curator"))]
    count = watching._watches.by
    watching._watches.by = lambda actor: count(actor) - 1  # type: ignore[method-assign]
    try:
        watching._settle([])
    finally:
        del watching._watches.by  # type: ignore[method-assign]
    assert [one.id for one in watching.all(shelves.who("curator"))] == [begun]
    assert len(shelves.building.events(f"watch:{begun}")) == 1
