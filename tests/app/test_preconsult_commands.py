"""A hospital trains its own proposal of departments; it serves only when somebody says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from countersign.rooms.preconsult.domain import Departments
from countersign.rooms.preconsult.inference import departments
from countersign.rooms.preconsult.service.served import served
from countersign.rooms.preconsult.store import CANDIDATE, SERVING, BadModel, kept, read
from countersign.rooms.preconsult.training import (
    BadExamples,
    TooFew,
    examples_of,
    read_table,
    trained,
)
from furnished import Furnished

SAID = {"dental": ("牙疼", "牙龈出血", "智齿肿痛"), "skin": ("起疹子", "皮肤痒", "长了湿疹")}
DAYS = [f"{n}天了，{more}" for n in range(1, 25) for more in ("晚上加重", "没有发烧")]


def table(folder: Path) -> Path:
    rows = [f"{word}{when},{code}" for code, words in SAID.items() for word in words
            for when in (day.replace("，", " ") for day in DAYS)]  # fmt: skip
    file = folder / "bookings.csv"
    file.write_text("text,department\n" + "\n".join(rows), "utf-8")
    return file


def test_it_is_trained_compared_registered_and_waits(furnished: Furnished, tmp_path: Path) -> None:
    folder = tmp_path / "trained"
    command = furnished.command(
        "preconsult", "train-departments", "--data", str(table(tmp_path)), "--own",
        RECORDS_FOLDER=folder,
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "The candidate is better" in done.stdout and "in service: right 0.000" in done.stdout
    assert (folder / CANDIDATE).is_file() and not (folder / SERVING).exists()
    rows = furnished.rows(
        "select version from models.version where name = %s", "preconsult-departments"
    )
    assert len(rows) == 1 and rows[0]["version"] in done.stdout
    assert served(folder).trained is None
    use = furnished.command("preconsult", "use-departments", RECORDS_FOLDER=folder)
    assert subprocess.run(use, capture_output=True, check=False).returncode == 0
    served.cache_clear()
    found = served(folder).lean("牙疼三天")
    assert (found.code, found.by) == ("dental", "model")
    again = subprocess.run(use, capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "no trained candidate" in again.stdout + again.stderr


def test_a_broken_file_leaves_the_table_in_service(tmp_path: Path) -> None:
    (tmp_path / SERVING).write_bytes(b"PK no model")
    assert served(tmp_path) == departments()
    with pytest.raises(BadModel):
        read(b"nothing")


def test_what_is_kept_answers_as_what_was_trained(tmp_path: Path) -> None:
    found = trained(examples_of(read_table(table(tmp_path))), departments())
    again = Departments("1", (), read(kept(found.model)))
    assert again.lean("皮肤痒 两天").code == "skin" and found.right > 0.9
    assert found.tested < found.examples / 3  # it was measured on texts it was not taught


def test_what_is_no_example_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text("text,department\n" + ",".join(("牙疼", "dental")) + "\n皮肤痒\n", "utf-8")
    with pytest.raises(BadExamples, match="Line 3 of broken.csv"):
        read_table(file)
    with pytest.raises(TooFew):
        examples_of([("牙疼", "dental")] * 300)
