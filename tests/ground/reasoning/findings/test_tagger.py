"""The tagger finds the best path there is, never leaves the text, and adds only what is unnamed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning.findings import BadTagger, Recogniser
from countersign.ground.reasoning.findings.tagger import Tagger, features, signs_of
from tools.train_tagger import flat, save, train

LABELS = ("O", "B-x", "I-x")
ROWS = [
    {"text": f"患者{before}{word}{after}。", "entities": [{"start": 2 + len(before), "type": "x",
     "end": 2 + len(before) + len(word)}]}
    for word in ("膈膜抖", "甲床脆", "舌根沉")
    for before in ("有", "出现", "自觉", "诉")
    for after in ("三天", "两周", "", "一月余")
]  # fmt: skip


@pytest.fixture(scope="module")
def trained(reader: Recogniser) -> Tagger:
    return train(ROWS, None, reader, steps=40)


def _tagger(seed: int, text: str) -> Tagger:
    chance = np.random.default_rng(seed)
    keys = np.unique(features(signs_of(text), np.zeros(len(text), dtype=np.uint64)))
    weights = chance.normal(size=(len(keys), 3))
    return Tagger(LABELS, keys, weights, chance.normal(size=(3, 3)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), text=st.text("发热头痛a1。", min_size=1, max_size=6))
def test_the_path_is_the_best_of_all(seed: int, text: str) -> None:
    tagger = _tagger(seed, text)
    known = np.zeros(len(text), dtype=np.uint64)
    scores = tagger.scores(signs_of(text), known)
    steps = tagger.content()[2]

    def total(path: tuple[int, ...]) -> float:
        return float(
            sum(scores[at, label] for at, label in enumerate(path))
            + sum(steps[a, b] for a, b in zip(path, path[1:], strict=False))
        )

    best = max(product(range(3), repeat=len(text)), key=total)
    expected = [LABELS[label] for label in best]
    got = ["O"] * len(text)
    for tag in tagger.tags(text, known, [(0, len(text))]):
        got[tag.start : tag.end] = [f"I-{tag.kind}"] * (tag.end - tag.start)
    assert [one == "O" for one in got] == [one == "O" for one in expected]


def test_sentences_do_not_change_each_other() -> None:
    text = "发热头痛a1。头痛发热发热。"
    tagger, known = _tagger(3, text), np.zeros(len(text), dtype=np.uint64)
    both = tagger.tags(text, known, [(0, 7), (7, len(text))])
    one = tagger.tags(text, known, [(0, 7)])
    assert [tag for tag in both if tag.end <= 7] == one


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_there_is_one_row_for_each_sign(text: str) -> None:
    if text:
        rows = features(signs_of(text), np.zeros(len(text), dtype=np.uint64))
        assert len(rows) == len(text)
        assert rows.max() < 2**22


def test_it_learns_what_it_is_shown(trained: Tagger, reader: Recogniser) -> None:
    text = "患者出现甲床脆五天。"
    tags = trained.tags(text, reader.known(text), [(0, len(text))])
    assert [(text[tag.start : tag.end], tag.kind) for tag in tags] == [("甲床脆", "x")]


def test_what_is_kept_comes_back_and_adds_findings(trained: Tagger, tmp_path: Path) -> None:
    file = tmp_path / "tagger.npz"
    save(trained, file)
    reader = Recogniser.open(tagger=Tagger.load(file))
    assert trained.labels == Tagger.load(file).labels
    text = "患者发热，自觉舌根沉两周。"
    assert "HP:0001945" in {one.term for one in reader.read(text)}
    for one in reader.read(text):
        assert one.place is not None
        assert one.term in ("HP:0001945", f"local:{text[one.place.start : one.place.end]}")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a model"])
def test_a_file_that_is_no_tagger_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "tagger.npz"
    file.write_bytes(content)
    with pytest.raises(BadTagger):
        Tagger.load(file)
    with pytest.raises(BadTagger):
        Tagger.load(tmp_path / "missing.npz")


def test_inner_entities_are_left_out() -> None:
    row = {
        "entities": [
            {"start": 0, "end": 1, "type": "a"},
            {"start": 0, "end": 4, "type": "b"},
            {"start": 6, "end": 7, "type": "c"},
        ]
    }
    assert flat(row, None) == [(0, 4, "b"), (6, 7, "c")]
    assert flat(row, {"a": "A"}) == [(0, 1, "A")]
