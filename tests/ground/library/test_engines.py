"""Synonyms, meaning and a hospital's own servers take part; nothing of them is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library import (
    BrokenPassages,
    Encoder,
    Engines,
    Meaning,
    Searcher,
    Synonyms,
)

from .encoders import encoder_in
from .passages import EN, WARD, ZH, shelf_of

SEEN = frozenset({WARD})
NAMES = Synonyms([("高血压", "hypertension", "原发性高血压"), ("心梗", "心肌梗死")])


def filled(engines: Engines) -> Searcher:
    made = Searcher(engines=engines)
    made.add([*shelf_of(*ZH, "心肌梗死后应服用阿司匹林"), *shelf_of(*EN, version="v2")])
    made.refresh()
    return made


def test_another_name_finds_it() -> None:
    assert NAMES.of("心梗后吃什么药") == ("心肌梗死",)
    assert NAMES.of("treatment of Hypertension") == ("原发性高血压", "高血压")
    hits = filled(Engines(synonyms=NAMES)).search("心梗后服什么", SEEN)
    assert hits[0].passage.text == "心肌梗死后应服用阿司匹林"
    assert hits[0].spans


def test_the_longest_name_counts() -> None:
    assert NAMES.of("原发性高血压") == ("hypertension", "高血压")


@given(st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=4), st.text(max_size=40))
def test_no_list_and_no_question_breaks_it(groups: list[list[str]], question: str) -> None:
    Synonyms(groups).of(question)


def test_meaning_orders_what_words_found() -> None:
    """An encoder that likes drainage puts it first among what shares a word."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.array([[1, 0] if "drain" in t.lower() else [0, 1] for t in texts], np.float32)

    searcher = filled(Engines(meaning=Meaning(encode)))
    while searcher.learn(2):
        searcher.refresh()
    first = searcher.search("drainage or surgery of the stones, or stones without", SEEN)[0]
    assert first.passage.text == EN[2]


def test_a_real_encoder_teaches_and_what_it_taught_is_kept(tmp_path: Path) -> None:
    encoder = Encoder(encoder_in(tmp_path / "encoder"))
    engines = Engines(meaning=Meaning(encoder.encode))
    searcher = filled(engines)
    before = searcher.count(SEEN)
    assert searcher.learn(100) == len(EN)
    searcher.refresh()
    assert searcher.learn(100) == 0
    assert searcher.count(SEEN) == before
    searcher.save(tmp_path / "saved")
    again = Searcher(engines=engines)
    again.load(tmp_path / "saved")
    assert again.learn(100) == 0
    assert again.search("kidney stones", SEEN) == searcher.search("kidney stones", SEEN)


def test_a_saved_file_cut_short_is_refused(tmp_path: Path) -> None:
    filled(Engines()).save(tmp_path)
    (file,) = tmp_path.glob("*.passages")
    whole = file.read_bytes()
    for cut in (len(whole) - 1, 3):
        file.write_bytes(whole[:cut])
        with pytest.raises(BrokenPassages):
            Searcher().load(tmp_path)
    file.write_bytes(b"\x00\x00\x00\x01r\x00\x00\x00\x02\xff\xff")
    with pytest.raises(BrokenPassages):
        Searcher().load(tmp_path)


def test_a_hospitals_server_may_put_them_in_order() -> None:
    def rerank(question: str, texts: Sequence[str]) -> list[float]:
        return [float("Stones" in text) for text in texts]

    question = "drainage of an obstructed kidney, stones"
    assert filled(Engines()).search(question, SEEN)[0].passage.text == EN[2]
    hits = filled(Engines(rerank=rerank)).search(question, SEEN)
    assert hits[0].passage.text == EN[1]
    assert hits[0].score == 1.0


def test_what_was_removed_leaves_no_trace_in_the_scores() -> None:
    plain, changed = filled(Engines()), filled(Engines())
    changed.add(shelf_of("结石结石感染", "肾积水引流", version="gone"))
    changed.refresh()
    changed.remove("gone")
    changed.refresh()
    assert changed.search("结石感染引流", SEEN) == plain.search("结石感染引流", SEEN)
