"""The knowledge of common conditions is whole: identifiers, both languages, sources, bands."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from countersign.ground.reasoning.conditions.knowledge import (
    AGES,
    BANDS,
    Knowledge,
    KnowledgeInvalid,
)
from countersign.ground.reasoning.conditions.reading import look, read, shipped

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return shipped()


def test_findings_are_named_in_hpo_or_marked_as_ours(knowledge: Knowledge) -> None:
    for entry in knowledge.entries:
        assert re.fullmatch(r"HP:\d{7}|local:[a-z0-9-]+", entry.term), entry.term


def test_everything_a_person_reads_is_there_in_both_languages(knowledge: Knowledge) -> None:
    for entry in knowledge.entries:
        assert HAN.search(entry.name.zh), entry.id
        assert HAN.search(entry.question.zh), entry.id
        assert entry.question.en.endswith("?"), entry.id
        assert entry.question.zh.endswith("？"), entry.id
    for condition in knowledge.conditions:
        assert re.match(r"\w", condition.name.en), condition.id
        assert HAN.search(condition.name.zh), condition.id
    assert all(HAN.search(test.name.zh) for test in knowledge.tests.values())


def test_conditions_are_coded_sourced_and_common_enough(knowledge: Knowledge) -> None:
    assert 60 <= len(knowledge.conditions) <= 200
    for condition in knowledge.conditions:
        assert re.fullmatch(r"ICD10:[A-Z]\d\d(\.\d)?", condition.disease), condition.disease
        assert set(condition.sources) <= set(knowledge.sources)
        assert len(condition.ages) == len(AGES)
        assert len(condition.findings) >= 3, condition.id
        assert max(condition.findings.values()) >= BANDS["common"], condition.id


def test_every_finding_is_of_use(knowledge: Knowledge) -> None:
    used = {name for condition in knowledge.conditions for name in condition.findings}
    assert {entry.id for entry in knowledge.entries} - used == set()


@pytest.mark.parametrize(
    "condition",
    [
        "acute-coronary-syndrome",
        "aortic-dissection",
        "pulmonary-embolism",
        "meningitis",
        "sepsis",
        "ectopic-pregnancy",
        "testicular-torsion",
        "appendicitis",
        "subarachnoid-haemorrhage",
        "stroke",
        "diabetic-ketoacidosis",
        "intussusception",
        "anaphylaxis",
        "cauda-equina",
    ],
)
def test_what_must_not_be_missed_is_flagged(knowledge: Knowledge, condition: str) -> None:
    assert next(one for one in knowledge.conditions if one.id == condition).cannot_miss


def test_a_kind_of_finding_is_rarer_than_the_whole(knowledge: Knowledge) -> None:
    usual = {entry.id: entry.background for entry in knowledge.entries}
    for entry in knowledge.entries:
        if entry.narrows is not None:
            assert entry.background < usual[entry.narrows], entry.id


Spoil = Callable[[list[dict[str, Any]]], object]


@pytest.mark.parametrize(
    ("file", "spoil", "says"),
    [
        ("conditions/heart.json", lambda rows: rows[0]["findings"].update(x="rare"), "names x"),
        ("conditions/heart.json", lambda rows: rows[0].update(sources=["hearsay"]), "hearsay"),
        ("conditions/heart.json", lambda rows: rows[0].update(ages=[1.0]), "age multipliers"),
        ("conditions/heart.json", lambda rows: rows.append(rows[0]), "listed twice"),
        ("conditions/heart.json", lambda rows: rows[0]["name"].pop("zh"), "zh"),
        ("conditions/heart.json", lambda rows: rows[0]["findings"].update(cough="daily"), "daily"),
        ("conditions/heart.json", lambda rows: rows[0].update(same=["OMIM:x"]), "OMIM:x"),
        ("conditions/heart.json", lambda rows: rows[0].update(cannot_mis=True), "cannot_mis"),
        ("conditions/heart.json", lambda rows: rows[0].update(frequency="often"), "frequency"),
        ("conditions/heart.json", lambda rows: rows[0].pop("disease"), "it has no disease"),
        (
            "conditions/heart.json",
            lambda rows: rows[0].update(measured={"cough": {"share": 2}}),
            "heart.json, acute-coronary-syndrome",
        ),
        ("tests.json", lambda rows: rows[0].update(cost=9), "cost"),
        ("findings.json", lambda rows: rows[0].update(term="cough"), "no term"),
        ("findings.json", lambda rows: rows[0].update(background=1.5), "background"),
        ("findings.json", lambda rows: rows[0].update(test="scan", learnt="test"), "not listed"),
        ("findings.json", lambda rows: rows[0].update(narrows="x"), "narrows x"),
    ],
)
def test_a_fault_in_a_hospitals_own_files_is_named(
    tmp_path: Path, file: str, spoil: Spoil, says: str
) -> None:
    own = tmp_path / "own"
    with as_file(files("countersign.ground.reasoning.conditions").joinpath("knowledge")) as ours:
        shutil.copytree(ours, own)
    rows = json.loads((own / file).read_text(encoding="utf-8"))
    spoil(rows)
    (own / file).write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(KnowledgeInvalid, match=says):
        read(own)


def own_copy(folder: Path) -> Path:
    with as_file(files("countersign.ground.reasoning.conditions").joinpath("knowledge")) as ours:
        shutil.copytree(ours, folder / "own")
    return folder / "own"


def test_every_fault_is_named_with_its_file_in_both_languages(tmp_path: Path) -> None:
    own = own_copy(tmp_path)
    (own / "conditions" / "skin.json").write_text('[{"id": "x",}]', encoding="utf-8")
    (own / "conditions" / "heart.json").write_text('{"id": "x"}', encoding="utf-8")
    (own / "tests.json").write_bytes(b"[\xff]")
    (own / "wider.json").unlink()
    found, faults = look(own)
    assert found is None
    said = [one.en for one in faults]
    for part in ("skin.json is no JSON: line 1", "heart.json holds no list", "tests.json is not in",
                 "wider.json is missing"):  # fmt: skip
        assert any(part in one for one in said), said
    assert all(HAN.search(one.zh) for one in faults)


def test_an_empty_folder_is_no_knowledge(tmp_path: Path) -> None:
    found, faults = look(tmp_path)
    assert found is None
    assert len(faults) == 5


def test_a_hospitals_own_number_with_its_source_replaces_the_band(tmp_path: Path) -> None:
    own = tmp_path / "own"
    with as_file(files("countersign.ground.reasoning.conditions").joinpath("knowledge")) as ours:
        shutil.copytree(ours, own)
    file = own / "conditions" / "abdomen.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows[0]["measured"] = {"diarrhea": {"share": 0.83, "source": "finley-2018"}}
    file.write_text(json.dumps(rows), encoding="utf-8")
    found = next(one for one in read(own).conditions if one.id == rows[0]["id"])
    assert found.findings["diarrhea"] == 0.83
    assert found.measured["diarrhea"] == "finley-2018"
