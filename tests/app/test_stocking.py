"""The library is filled by what an installation brings, and by command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from building import Building
from countersign.app.cli import main
from countersign.app.stocking import add_files, stock, unanswered_pairs
from countersign.ground.db import Database
from countersign.ground.library import LIBRARIAN, Card, Pair
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
