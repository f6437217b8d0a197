"""Terms are found by what a person types, in both languages; the hospital's tables are read."""

from __future__ import annotations

import functools
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning.phenotypes import NamesUnreadable
from countersign.ground.reasoning.phenotypes.naming import read_labels, read_names, title
from countersign.ground.reasoning.phenotypes.picker import Picker
from ground.reasoning.phenotypes import small

CHINESE = {"HP:0001250": "癫痫发作", "HP:0001166": "蜘蛛指（趾）", "HP:0002432": "旧名"}


@functools.cache
def picker() -> Picker:
    return Picker(small.knowledge(), CHINESE | {"HP:0000005": "遗传模式"})


def test_a_label_begins_a_synonym_or_holds_the_words() -> None:
    assert [one.id for one in picker().find("seiz", "en")] == ["HP:0001250", "HP:0007359"]
    (fit,) = picker().find("fit epileptic", "en")
    assert (fit.id, fit.label, fit.matched) == ("HP:0001250", "Seizure", "Epileptic fit")
    assert [one.label for one in picker().find("癫痫", "zh")] == ["癫痫发作"]


def test_a_whole_label_gives_its_identifier() -> None:
    assert picker().exactly("  ARACHNODACTYLY ") == "HP:0001166"
    assert picker().exactly("蜘蛛指(趾)") == "HP:0001166"
    assert picker().exactly("Epileptic fit") == "HP:0001250"
    assert picker().exactly("Arachno") is None
    assert picker().exactly("") is None


def test_inheritance_is_no_finding() -> None:
    assert picker().find("inheritance", "en") == []
    assert picker().find("遗传", "zh") == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_typed_is_answered(text: str) -> None:
    found = picker().find(text, "zh", limit=3)
    assert len(found) <= 3
    assert all(one.label for one in found)


def test_tables_of_the_hospital(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv.gz"
    labels.write_bytes(gzip.compress("hpo_id,zh\nHP:0001250,癫痫发作\nHP:0000001,\n".encode()))
    assert read_labels(labels) == {"HP:0001250": "癫痫发作"}
    names = tmp_path / "names.csv"
    names.write_text("\ufeffdisease_id,en,zh\nOMIM:1,Long,长骨病；大个子病\n", encoding="utf-8")
    assert read_names(names) == {"OMIM:1": "长骨病"}
    assert title("OMIM:1", "Long", read_names(names)).zh == "长骨病"
    assert read_labels(None) == read_names(None) == {}


@pytest.mark.parametrize(
    "raw",
    [b"a,b\n1,2\n", b"\x1f\x8bnot gzip", b"\xff\xfe\x00", gzip.compress(b"hpo_id,zh")[:-9]],
)
def test_another_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(raw)
    with pytest.raises(NamesUnreadable, match="labels.csv"):
        read_labels(file)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NamesUnreadable):
        read_names(tmp_path / "nothing.csv")
