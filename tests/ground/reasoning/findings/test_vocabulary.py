"""The words that are known, those that a hospital adds, and how a picker finds a term."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from countersign.ground.reasoning.findings import (
    BadLabels,
    Extra,
    Recogniser,
    labels_from,
    labels_of,
)
from countersign.ground.reasoning.findings.shelf import rows
from countersign.ground.reasoning.findings.vocabulary import expanded, shipped


def test_common_findings_are_known_in_both_languages() -> None:
    entries = shipped()
    assert sum(one.term.startswith("HP:") for one in entries) >= 350
    assert not [k for k, n in Counter(one.term for one in entries).items() if n > 1]
    for one in entries:
        assert re.fullmatch(r"HP:\d{7}|local:[a-z0-9-]+", one.term)


def test_no_two_terms_share_a_phrase() -> None:
    owners: dict[str, set[str]] = {}
    for entry in shipped():
        for phrase in (*entry.en, *entry.zh):
            owners.setdefault(phrase.lower(), set()).add(entry.term)
    assert not {phrase: terms for phrase, terms in owners.items() if len(terms) > 1}


def test_each_label_is_read_as_its_own_term(reader: Recogniser) -> None:
    wrong = []
    for entry in shipped():
        for label in (entry.label.en, entry.label.zh):
            if entry.term not in {one.term for one in reader.named(label)}:
                wrong.append((entry.term, label))
    assert not wrong


def test_choices_in_a_pattern_are_spelled_out() -> None:
    assert list(expanded("{头/脑袋}~{痛/疼}")) == ["头~痛", "头~疼", "脑袋~痛", "脑袋~疼"]


def test_a_picker_finds_what_is_typed(reader: Recogniser) -> None:
    assert reader.lookup("拉肚子", "zh")[0] == ("HP:0002014", "腹泻")
    assert reader.lookup("FEV", "en")[0][0] == "HP:0001945"
    assert reader.lookup("fever", "zh", 1) == [("HP:0001945", "发热")]
    assert reader.lookup("  ", "en") == []
    assert reader.lookup("zzzz", "en") == []


def test_an_ontologys_labels_are_recognised_and_never_replace_ours() -> None:
    extra = labels_of(
        [
            ("HP:0001156", "Brachydactyly"),
            ("HP:0001156", "短指"),
            ("HP:0000001", "All"),
            ("HP:0012825", "Mild"),
            ("HP:9999999", "Fever"),
            ("HP:1", "Bad"),
        ]
    )
    reader = Recogniser.open(extra)
    assert [one.term for one in reader.read("无短指。Brachydactyly and fever.")] == [
        "HP:0001156",
        "HP:0001156",
        "HP:0001945",
    ]
    words = reader.label("HP:0001156")
    assert words is not None
    assert (words.en, words.zh) == ("Brachydactyly", "短指")
    assert reader.label("HP:0000001") is None
    assert reader.label("HP:0012825") is None


@pytest.mark.parametrize("packed", [True, False])
def test_a_hospitals_file_of_labels_is_read(tmp_path: Path, packed: bool) -> None:
    lines = [
        ["hpo_id", "zh", "en", "status"],
        ["HP:0001156", "短指；短趾", "Brachydactyly", "OFFICIAL"],
        ["X", "坏", "Bad", ""],
    ]
    text = "\n".join(",".join(cells) for cells in lines)
    file = tmp_path / ("labels.csv.gz" if packed else "labels.csv")
    content = text.encode("utf-8-sig")
    file.write_bytes(gzip.compress(content) if packed else content)
    assert labels_from(file) == [
        Extra("HP:0001156", "短指"),
        Extra("HP:0001156", "短趾"),
        Extra("HP:0001156", "Brachydactyly"),
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(content)
    with pytest.raises(BadLabels):
        labels_from(file)
    with pytest.raises(BadLabels):
        labels_from(tmp_path / "missing.csv.gz")


def test_every_code_leads_to_a_term_of_the_same_name() -> None:
    names = {one.term: one.label.en for one in shipped()}
    for system, code, way, term, named in rows("coded"):
        assert names[term] == named, (system, code)
        assert way in ("", "H", "L", "P")
