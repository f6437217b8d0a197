"""A hospital copies the files of common conditions, edits them, and is told what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.app.cli import main
from countersign.app.doctor import Check, _conditions, _try
from countersign.app.settings import Settings
from countersign.ground.reasoning import Finding, KnowledgeInvalid, Person, Reasoning, Vocabularies


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["conditions", *arguments])


def edited(folder: Path, **changes: object) -> Path:
    assert run("copy", str(folder)).exit_code == 0
    file = folder / "conditions" / "brain.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows[0].update(changes)
    file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return folder


def test_a_copy_is_sound_and_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    assert run("copy", str(folder)).exit_code == 0
    checked = run("check", str(folder))
    assert checked.exit_code == 0
    assert "128 conditions (56 of them must not be missed)" in checked.output
    again = run("copy", str(folder))
    assert again.exit_code == 1
    assert "app.folder_there" in again.output


def test_a_fault_is_named_on_the_command_line_and_by_doctor(tmp_path: Path) -> None:
    folder = edited(tmp_path / "own", cannot_mis=True)
    checked = run("check", str(folder))
    assert checked.exit_code == 1
    assert "conditions/brain.json, migraine: nothing is called cannot_mis" in checked.output
    assert "没有名为 cannot_mis 的项" in checked.output
    settings = Settings(home=tmp_path, conditions_folder=folder)
    said = _try("Common conditions", lambda: _conditions(settings))
    assert said == Check("Common conditions", False, said.said)
    assert "cannot_mis" in said.said


def test_the_hospitals_own_files_are_what_ranks(tmp_path: Path) -> None:
    folder = edited(tmp_path / "own", name={"en": "Our migraine", "zh": "本院偏头痛"})
    engine = Reasoning(files=Vocabularies(conditions=folder))
    found = engine.read("单侧搏动性头痛，畏光，恶心")
    names = [one.name.zh for one in engine.rank(found, Person(30, "female")).candidates]
    assert "本院偏头痛" in names
    settings = Settings(home=tmp_path, conditions_folder=folder)
    assert "128 conditions" in _conditions(settings)


def test_spoilt_files_stop_the_differential_and_are_never_replaced_in_silence(
    tmp_path: Path,
) -> None:
    folder = edited(tmp_path / "own", frequency=-1)
    engine = Reasoning(files=Vocabularies(conditions=folder))
    with pytest.raises(KnowledgeInvalid, match="frequency") as problem:
        engine.rank([Finding("HP:0002315")], Person())
    assert problem.value.status == 503
