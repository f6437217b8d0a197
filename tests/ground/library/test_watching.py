"""Curators have folders watched on their own terms, and only folders that are theirs to choose."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import WHOLE, DbRole, Scope
from countersign.ground.identity import Forbidden
from countersign.ground.library import (
    BadDocument,
    FolderOutside,
    FolderWatched,
    NoRoot,
    NotTaken,
    Permission,
    Terms,
    UnknownWatch,
    Watch,
)
from countersign.ground.library.watching import Watching
from ground.library.shelves import TEXT, Shelves, permission

HEART = permission("cardiology", audience="doctors")


@pytest.fixture
def watching(shelves: Shelves, tmp_path: Path) -> Iterator[Watching]:
    """With a root that holds folders of two departments and the shared one."""
    for name in ("cardiology/guidelines", "surgery/guidelines", "shared/leaflets", "private"):
        (tmp_path / "root" / name).mkdir(parents=True)
    made = shelves.library.watching
    made.root = tmp_path / "root"
    yield made
    for name in ("curator", "keeper"):
        for one in made.all(shelves.who(name)):
            made.stop(shelves.who(name), one.id)
    made.root = None


def terms(
    shelves: Shelves,
    folder: str = "cardiology/guidelines",
    home: str = "cardiology",
    may: Permission = HEART,
) -> Terms:
    return Terms(folder, home, may, shelves.who("curator").id, "protocol", "China")


def put(watching: Watching, name: str, text: str = TEXT) -> Path:
    """A file that has rested for a minute."""
    assert watching.root is not None
    file = watching.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    os.utime(file, (rested := time.time() - 60 - len(text) % 17, rested))
    return file


def one(shelves: Shelves, watching: Watching, by: str = "curator") -> Watch:
    (found,) = watching.all(shelves.who(by))
    return found


def test_what_lies_there_comes_in_on_the_terms_of_its_curator(
    shelves: Shelves, watching: Watching
) -> None:
    curator = shelves.who("curator")
    put(watching, "cardiology/guidelines/a.md", TEXT.replace("6.5", "6.41"))
    put(watching, "surgery/guidelines/b.md", TEXT.replace("6.5", "6.42"))
    made = watching.choose(curator, terms(shelves))
    assert one(shelves, watching).look is None
    assert (watching.look(), watching.look()) == (1, 0)
    found = one(shelves, watching)
    assert (found.id, found.taken, found.terms) == (made, 1, terms(shelves))
    assert found.look is not None and (found.look.state, found.look.refused) == ("looked", ())
    keeping = shelves.library.keeping
    (document,) = [
        d for d in keeping.documents(curator) if d.card.file == "cardiology/guidelines/a.md"
    ]
    card = document.card
    assert (document.state, card.home, card.permission) == ("draft", "cardiology", HEART)
    assert (card.owner, card.kind, card.region) == (curator.id, "protocol", "China")
    (event,) = shelves.building.events(f"watch:{made}")
    assert event.kind == "folder-watched" and event.actor == curator.actor
    assert event.detail == {"home": "cardiology", "reach": "doctors/cardiology"}


def test_a_change_becomes_a_version_and_a_restart_doubles_nothing(
    shelves: Shelves, watching: Watching
) -> None:
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    file = put(watching, "cardiology/guidelines/c.md", TEXT.replace("6.5", "6.43"))
    watching.choose(curator, terms(shelves))
    assert watching.look() == 1
    watching._taking._marks.clear()
    assert watching.look() == 0, "as after a restart"
    put(watching, "cardiology/guidelines/c.md", TEXT.replace("6.5", "6.4399"))
    assert watching.look() == 1
    (document,) = [d for d in keeping.documents(curator) if d.card.file.endswith("/c.md")]
    assert [v.number for v in keeping.versions(curator, document.id)] == [2, 1]
    keeping.withdraw(curator, document.id, "an error was found in it")
    watching._taking._marks.clear()
    assert watching.look() == 0, "what was withdrawn does not come back"
    put(watching, "cardiology/guidelines/c.md", TEXT.replace("6.5", "6.431111"))
    assert watching.look() == 1
    # The process ended after the document was received, before its place was written down.
    pool = shelves.building.database.pool(DbRole.LIBRARY).within(WHOLE)
    file.unlink()
    put(watching, "cardiology/guidelines/d.md", TEXT.replace("6.5", "6.44"))
    place = (pool.rows("select count(*) as n from library.document")[0]["n"],)
    _interrupted(watching)
    watching._taking._marks.clear()
    assert watching.look() == 0
    assert pool.rows("select count(*) as n from library.document")[0]["n"] == place[0] + 1
    assert one(shelves, watching).taken >= 2


def _interrupted(watching: Watching) -> None:
    rows = watching._taking._watches._rows.within
    calls: list[Scope] = []

    def within(scope: Scope):  # type: ignore[no-untyped-def]  # noqa: ANN202
        pool = rows(scope)
        calls.append(scope)
        original = pool.rows

        def asked(query: str, given: object = None):  # type: ignore[no-untyped-def]  # noqa: ANN202
            if query.startswith("insert into library.watched_file"):
                raise KeyboardInterrupt
            return original(query, given)  # type: ignore[arg-type]

        pool.rows = asked  # type: ignore[method-assign]
        return pool

    watching._taking._watches._rows.within = within  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt):
            watching.look()
    finally:
        del watching._taking._watches._rows.within  # type: ignore[attr-defined]


def test_what_is_refused_is_told_and_what_cannot_be_read_too(
    shelves: Shelves, watching: Watching
) -> None:
    curator = shelves.who("curator")
    watching.choose(curator, terms(shelves))
    secret = put(watching, "surgery/guidelines/s.md", TEXT.replace("6.5", "6.45"))
    assert watching.root is not None
    (watching.root / "cardiology/guidelines/link.md").symlink_to(secret)
    (watching.root / "cardiology/guidelines/folder").symlink_to(secret.parent)
    put(watching, "cardiology/guidelines/x.pdf", "%PDF-1.4 broken")
    put(watching, "cardiology/guidelines/new.md").touch()  # somebody still writes it
    assert watching.look() == 1
    found = one(shelves, watching)
    assert found.look is not None
    assert set(found.look.refused) == {NotTaken("folder", "link"), NotTaken("link.md", "link")}
    (document,) = [
        d for d in shelves.library.keeping.documents(curator) if d.card.file.endswith("x.pdf")
    ]
    version = shelves.library.keeping.versions(curator, document.id)[0]
    shelves.library.understand(version.id)
    (unread,) = one(shelves, watching).unread
    assert (unread.document, unread.outcome) == (document.id, "broken")


def test_a_folder_that_went_or_became_a_link_is_not_followed(
    shelves: Shelves, watching: Watching
) -> None:
    assert watching.root is not None
    folder = watching.root / "cardiology" / "guidelines"
    put(watching, "surgery/guidelines/t.md", TEXT.replace("6.5", "6.46"))
    watching.choose(shelves.who("curator"), terms(shelves))
    folder.rmdir()
    assert watching.look() == 0
    assert one(shelves, watching).look.state == "missing"  # type: ignore[union-attr]
    folder.symlink_to(watching.root / "surgery" / "guidelines", target_is_directory=True)
    assert watching.look() == 0
    assert one(shelves, watching).look.state == "outside"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "folder",
    ["surgery/guidelines", "surgery", "private", "", ".", "..", "cardiology/..", "cardiology/none",
     "cardiology/../surgery/guidelines", "cardiology/../../secret", "/etc", "out",
     "cardiology/out"],
)  # fmt: skip
def test_a_curator_chooses_no_folder_of_others_and_none_outside(
    shelves: Shelves, watching: Watching, folder: str
) -> None:
    assert watching.root is not None
    (watching.root / "out").symlink_to(watching.root.parent)
    (watching.root / "cardiology" / "out").symlink_to(watching.root / "surgery")
    curator = shelves.who("curator")
    assert folder not in watching.choices(curator)
    with pytest.raises(FolderOutside):
        watching.choose(curator, terms(shelves, folder))
    assert watching.all(curator) == []


def test_each_sees_and_stops_what_is_watched_for_her_own_shelves(
    shelves: Shelves, watching: Watching
) -> None:
    curator, keeper = shelves.who("curator"), shelves.who("keeper")
    assert watching.choices(curator) == [
        "cardiology", "cardiology/guidelines", "shared", "shared/leaflets"
    ]  # fmt: skip
    assert "surgery/guidelines" in watching.choices(keeper)
    made = watching.choose(curator, terms(shelves))
    assert watching.all(keeper) == []
    with pytest.raises(UnknownWatch):
        watching.stop(keeper, made)
    for name in ("wang", "nurse", "admin", "auditor"):
        who = shelves.who(name)
        assert (watching.choices(who), watching.all(who)) == ([], [])
        with pytest.raises(Forbidden):
            watching.choose(who, terms(shelves))
        with pytest.raises(UnknownWatch):
            watching.stop(who, made)
    with pytest.raises(Forbidden):
        watching.choose(keeper, terms(shelves, "surgery/guidelines"))  # for cardiology's shelf
    with pytest.raises(BadDocument):
        watching.choose(curator, Terms("cardiology", "cardiology", HEART, "", "protocol"))
    with pytest.raises(BadDocument):
        watching.choose(curator, Terms("cardiology", "cardiology", HEART, "x", "nothing"))


def test_no_file_is_watched_twice_for_one_shelf(shelves: Shelves, watching: Watching) -> None:
    curator = shelves.who("curator")
    made = watching.choose(curator, terms(shelves))
    for folder in ("cardiology", "cardiology/guidelines"):
        with pytest.raises(FolderWatched):
            watching.choose(curator, terms(shelves, folder))
    put(watching, "shared/leaflets/e.md", TEXT.replace("6.5", "6.47"))
    watching.choose(curator, terms(shelves, "shared", "*", permission()))
    watching.choose(shelves.who("keeper"), terms(shelves, "shared", "surgery"))
    assert watching.look() == 2, "for each shelf that asked for it"
    watching.stop(curator, made)
    with pytest.raises(UnknownWatch):
        watching.stop(curator, made)
    assert [e.kind for e in shelves.building.events(f"watch:{made}")] == [
        "folder-watched", "folder-unwatched"
    ]  # fmt: skip
    put(watching, "cardiology/guidelines/late.md", TEXT.replace("6.5", "6.48"))
    assert watching.look() == 0, "what is no longer watched is not taken in"


def test_without_a_root_nothing_is_watched(shelves: Shelves, watching: Watching) -> None:
    curator = shelves.who("curator")
    watching.choose(curator, terms(shelves))
    root, watching.root = watching.root, None
    assert (watching.choices(curator), watching.look()) == ([], 0)
    with pytest.raises(NoRoot):
        watching.choose(curator, terms(shelves, "shared"))
    watching.root = root


def test_the_database_holds_it_below_every_program(shelves: Shelves, watching: Watching) -> None:
    put(watching, "cardiology/guidelines/f.md", TEXT.replace("6.5", "6.49"))
    watching.choose(shelves.who("curator"), terms(shelves))
    watching.look()
    pool = shelves.building.database.pool(DbRole.LIBRARY)
    tables = ("watch", "watch_look", "watched_file")
    for scope in (Scope(), Scope(shelves=frozenset({"oncology"})), Scope(reaches=frozenset({"*"}))):
        for table in tables:
            assert pool.within(scope).rows(f"select 1 from library.{table}") == []  # type: ignore[arg-type]
    keeper = pool.within(Scope(shelves=frozenset({"surgery"})))
    with pytest.raises(psycopg.Error):
        keeper.rows(
            "insert into library.watch (id, home, actor, suite, key_id, box)"
            " values ('w', 'cardiology', 'x', 1, 1, '') returning id"
        )
    for table in tables[:2]:
        for row in pool.within(WHOLE).rows(f"select box from library.{table}"):  # type: ignore[arg-type]
            assert b"guidelines" not in row["box"]
    with pytest.raises(psycopg.Error):
        pool.within(WHOLE).rows("update library.watch set home = 'surgery' returning id")
