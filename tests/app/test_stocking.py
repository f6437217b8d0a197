"""The library is filled by what an installation brings, by command, and from a watched folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from building import Building
from countersign.app.cli import main
from countersign.app.stocking import add_files, stock, unanswered_pairs
from countersign.ground.db import Database
from countersign.ground.library import LIBRARIAN, Card, Pair
from countersign.rooms.knowledge.service import Knowledge
from furnished import Furnished
from ground.library import files
from ground.library.shelves import PEOPLE, TEXT


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path / "home", staff=PEOPLE)
    yield made
    made.close()


def test_what_the_installation_brings_is_there_once_and_unreviewed(
    building: Building, tmp_path: Path
) -> None:
    folder = tmp_path / "starting" / "nephrology"
    folder.mkdir(parents=True)
    (folder / "potassium.zh.md").write_text(TEXT)
    (folder / "potassium.en.md").write_text(
        "---\nid: potassium\ntitle: Hyperkalaemia\nlanguage: en\nwritten: 2026-11-25\n"
        "review: unreviewed\nsources:\n  - id: a\n    cite: 'One: a source.'\n---\n"
        "# Hyperkalaemia\n"
        "## Treatment\n- Give calcium. [a]\n"
    )
    library = building.floor.library
    assert stock(library, "owner", tmp_path / "starting") == 2
    assert stock(library, "owner", tmp_path / "starting") == 0
    found = {one.card.title: one for one in library.keeping.documents(LIBRARIAN)}
    assert set(found) == {"高钾血症处理规范", "Hyperkalaemia"}
    for one in found.values():
        assert (one.state, one.reviewed, one.card.topic) == ("published", False, "potassium")
    assert found["Hyperkalaemia"].card.language == "en"
    library.index.catch_up()
    answer = library.finding.ask(building.who("wang"), "calcium for hyperkalaemia")
    assert [one.document.card.title for one in answer.support][0] == "Hyperkalaemia"
    assert stock(library, "owner", tmp_path / "nothing") == 0


def test_a_folder_is_added_and_each_file_ends_in_a_state(
    building: Building, tmp_path: Path
) -> None:
    folder = tmp_path / "guidelines"
    folder.mkdir()
    (folder / "a.md").write_text(TEXT)
    (folder / "b.pdf").write_bytes(files.OUTCOMES["broken.pdf"][1])
    (folder / "c.exe").write_bytes(b"MZ")
    card = Card("-", owner="owner")
    done = list(add_files(building.floor.library, folder, card, publish=True))
    assert [(file, outcome) for file, _, outcome in done] == [
        ("a.md", "published"),
        ("b.pdf", "broken"),
    ]


def test_a_watched_folder_takes_each_file_once(building: Building, tmp_path: Path) -> None:
    floor = building.floor
    knowledge = Knowledge(floor.library, floor.signoff, floor.chart, floor.clock)
    folder = tmp_path / "watched"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.md").write_text(TEXT)
    (folder / ".hidden").write_text("no")
    (folder / "empty.md").write_text("")
    assert knowledge.take_folder(folder, LIBRARIAN.id, quiet=3600) == 0, "still written"
    for taken in (1, 0):
        assert knowledge.take_folder(folder, LIBRARIAN.id, quiet=-1) == taken
    assert floor.library.keeping.documents(LIBRARIAN)[0].state == "draft"


def test_a_changed_file_of_the_folder_becomes_a_version(building: Building, tmp_path: Path) -> None:
    library, floor = building.floor.library, building.floor
    knowledge, keeping = (
        Knowledge(library, floor.signoff, floor.chart, floor.clock),
        library.keeping,
    )
    folder = tmp_path / "watched"
    folder.mkdir()
    file, looked = folder / "血钾.md", dict[str, tuple[int, int]]()

    def scan(text: str | None = None) -> int:
        if text is not None:
            file.write_text(text, encoding="utf-8")
        return knowledge.take_folder(folder, LIBRARIAN.id, quiet=-1, looked=looked)

    assert scan(TEXT.replace("6.5", "6.4")) == 1
    (one,) = [one for one in keeping.documents(LIBRARIAN) if one.card.file == file.name]
    (old,) = keeping.versions(LIBRARIAN, one.id)
    library.understand_here(old.id)
    keeping.publish(LIBRARIAN, one.id, keeping.one(LIBRARIAN, one.id).number, old.id)
    quoted = keeping.text(LIBRARIAN, old.id)
    file.touch()
    assert scan() == 0, "the same words are no new version"
    assert scan(TEXT.replace("6.5", "6.2")) == 1
    assert scan() == 0
    new, before = keeping.versions(LIBRARIAN, one.id)
    library.understand_here(new.id)
    assert (before.id, new.number) == (old.id, 2)
    assert keeping.one(LIBRARIAN, one.id).version == old.id, "a curator publishes it"
    assert one.id in keeping.waiting(LIBRARIAN)
    marks = {row.document.id: row.marks for row in knowledge.shelf(LIBRARIAN, date(2026, 11, 26))}
    assert "waiting" in marks[one.id]
    keeping.publish(LIBRARIAN, one.id, keeping.one(LIBRARIAN, one.id).number, new.id)
    assert one.id not in keeping.waiting(LIBRARIAN)
    assert keeping.text(LIBRARIAN, old.id) == quoted, "old answers keep pointing at the old"
    assert "6.2" in keeping.text(LIBRARIAN, new.id).understood.text
    keeping.withdraw(LIBRARIAN, one.id, "an error was found in it")
    looked.clear()
    assert scan() == 0, "what was withdrawn does not come back"
    assert scan(TEXT.replace("6.5", "6.1")) == 1
    named = [d for d in keeping.documents(LIBRARIAN) if d.card.file == file.name]
    assert sorted(d.state for d in named) == ["draft", "withdrawn"]
    assert scan() == 0


def test_what_a_person_uploaded_is_not_the_folders_to_change(
    building: Building, tmp_path: Path
) -> None:
    floor = building.floor
    knowledge = Knowledge(floor.library, floor.signoff, floor.chart, floor.clock)
    admin, folder = building.who("keeper"), tmp_path / "watched"
    folder.mkdir()
    card = Card("-", owner=admin.id, file="mine.md")
    document, _ = floor.library.keeping.receive(admin, card, [TEXT.encode()])
    (folder / "mine.md").write_text(TEXT.replace("6.5", "6.0"), encoding="utf-8")
    assert knowledge.take_folder(folder, LIBRARIAN.id, quiet=-1) == 0
    assert len(floor.library.keeping.versions(LIBRARIAN, document)) == 1


def test_the_commands(furnished: Furnished, tmp_path: Path) -> None:
    file = tmp_path / "规程.md"
    file.write_text(TEXT.replace("高钾血症处理规范", "命令行规程"))
    environment = dict(furnished.environment())
    told = CliRunner().invoke(main, ["library", "add", str(file), "--publish"], env=environment)
    assert told.exit_code == 0 and told.output.startswith("published"), told.output
    told = CliRunner().invoke(main, ["library", "list"], env=environment)
    assert "命令行规程" in told.output and "Published, unreviewed" in told.output


def test_past_questions_without_an_answer_are_named(building: Building) -> None:
    library = building.floor.library
    card = Card("-", owner=LIBRARIAN.id, file="potassium.md")
    document, version = library.keeping.receive(LIBRARIAN, card, [TEXT.encode()])
    library.understand_here(version)
    known = Pair("血钾很高", ("10% 葡萄糖酸钙 10 mL 静脉缓慢推注",))
    other = Pair("血钠很高", ("限制补钠并缓慢纠正高钠血症的速度",))
    shelved = library.keeping.one(LIBRARIAN, document)
    library.keeping.publish(LIBRARIAN, document, shelved.number, version)
    assert unanswered_pairs(library, [known, other]) == [other]
