"""What answered a question like this one before comes up again, for those who may see it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.egress import Egress, places
from countersign.ground.library import Aids, Engines, Pair, Precedents, SearchAids, Searcher
from countersign.ground.library.errors import BrokenPairs
from countersign.ground.library.pairs import MOST, Answers, read_pairs
from countersign.ground.library.precedents import EVENNESS
from countersign.ground.library.relevance import supports

from .passages import WARD, ZH, passage, shelf_of

SEEN = frozenset({WARD})


@pytest.fixture
def egress() -> Iterator[Egress]:
    made = Egress(places(["127.0.0.1:1"]))
    yield made
    made.close()


NIGHT = "夜里总要起来小便怎么办"
SECRET = "别科的秘密段落不能给别人看见的"


def pairs() -> list[Pair]:
    return [
        Pair(NIGHT, (ZH[0],)),
        Pair("腰痛发热", (ZH[2],)),
        Pair("夜里总要起来小便怎么办呢", (SECRET,)),
    ]


def filled(*some: Pair, foreign: bool = True) -> Searcher:
    made = Searcher(engines=Engines(past=Precedents(some or pairs())))
    made.add(shelf_of(*ZH))
    if foreign:
        made.add([passage(SECRET, "secret", reach="other", version="v2")])
    made.refresh()
    return made


def test_a_past_question_brings_what_words_do_not_find() -> None:
    plain = Searcher()
    plain.add(shelf_of(*ZH))
    plain.refresh()
    asked = "夜里总起来小便"
    assert plain.search(asked, SEEN) == []
    (hit,) = filled().search(asked, SEEN)
    assert hit.passage.text == ZH[0] and hit.before
    assert supports(asked, hit, "")
    assert not any(one.before for one in filled().search("肾结石", SEEN))


def test_what_may_not_be_seen_changes_no_weight() -> None:
    """With the secret's pair and passage, and without: the same hits and the same scores."""
    without = filled(*pairs()[:2], foreign=False)
    for asked in (NIGHT, "夜里总起来小便", "腰痛", "发热 夜里", "肾结石"):
        assert filled().search(asked, SEEN) == without.search(asked, SEEN)
    assert [hit.passage.text for hit in filled().search(NIGHT, frozenset({"other"}))] == [SECRET]
    assert filled().search(NIGHT, frozenset({"nowhere"})) == []


def test_an_answer_that_went_is_forgotten_and_a_later_one_is_met() -> None:
    searcher = filled()
    searcher.remove("v1")
    searcher.refresh()
    assert searcher.search(NIGHT, SEEN) == []
    searcher.add([passage(f"新版。{ZH[0]} 又一句。", "v9/0", version="v9")])
    searcher.refresh()
    assert searcher.search(NIGHT, SEEN)[0].passage.id == "v9/0"


def test_those_equipped_later_know_what_is_there_already() -> None:
    searcher = Searcher()
    searcher.add(shelf_of(*ZH))
    searcher.refresh()
    searcher.equip(Engines(past=Precedents(pairs())))
    assert searcher.search("夜里总起来小便", SEEN)[0].passage.text == ZH[0]


def test_what_may_be_meant_otherwise_comes_up_too() -> None:
    """Two passages answered the likest question; the second place is another question's."""
    asked = "口渴得厉害"
    searcher = filled(
        Pair("口渴得很", (ZH[0], ZH[1])),
        Pair("口渴得紧", (ZH[0], ZH[1])),
        Pair("口渴", (ZH[2],)),
    )
    assert [hit.passage.text for hit in searcher.search(asked, SEEN, 2)] in (
        [ZH[0], ZH[2]],
        [ZH[1], ZH[2]],
    )


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(
        st.text("夜里小便多口渴腰痛 ab", min_size=1, max_size=12), min_size=1, max_size=9
    ),
    asked=st.text("夜里小便多口渴腰痛 ab", max_size=12),
)
def test_the_weights_solve_the_regression(texts: list[str], asked: str) -> None:
    """(K + evenness·I) w = k, with K and k recomputed from the votes of single questions."""
    many = Precedents(
        [Pair(text, (f"答案答案答案答案答案答案{n}号",)) for n, text in enumerate(texts)]
    )
    for number in range(len(texts)):
        many.meet(passage(f"答案答案答案答案答案答案{number}号", f"p{number}"))

    def solved(question: str) -> np.ndarray:
        return many.votes(question, SEEN).weights

    known = np.array([solved(text) for text in texts])  # = K (K + e I)^-1, which is symmetric
    assert np.allclose(known, known.T, atol=1e-8)
    values = np.linalg.eigvalsh(known)
    assert values.min() > -1e-8 and values.max() <= len(texts) / (len(texts) + EVENNESS) + 1e-8
    assert np.isfinite(solved(asked)).all()


def test_a_quote_counts_where_it_stands_and_short_ones_nowhere() -> None:
    answers = Answers([Pair("a", ("血钾≥6.5 mmol/L 时立即处理", "立即处理"))])
    assert answers.meet(passage("前言。血钾 ≥ 6.5mmol/L时，立即处理！", "p1"))
    assert not answers.meet(passage("前言。血钾 ≥ 6.5mmol/L时，立即处理！", "p1"))
    assert not answers.meet(passage("立即处理", "p2"))
    assert dict(answers.permitted(SEEN)) == {0: ["p1"]}
    assert list(answers.permitted(frozenset())) == []
    assert answers.forget("v1") and not answers.forget("v1")


def line(question: str, *quotes: str) -> bytes:
    return json.dumps({"question": question, "quotes": quotes}, ensure_ascii=False).encode() + b"\n"


def test_pairs_are_read_and_the_last_of_too_many_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line("夜尿", ZH[0]) + b"\n" + line(" ", ZH[0]))
    assert read_pairs(tmp_path / "a.jsonl") == [Pair("夜尿", (ZH[0],))]
    (tmp_path / "b.jsonl.gz").write_bytes(
        gzip.compress(b"".join(map(line, map(str, range(MOST + 3)))))
    )
    assert [one.question for one in read_pairs(tmp_path / "b.jsonl.gz")][:1] == ["3"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b""),
        ("a.jsonl", b"question,quotes\n"),
        ("a.jsonl", b'{"question": "a", "quotes": "b"}\n'),
        ("a.jsonl", b"\xff\xfe"),
        ("a.jsonl.gz", b"no gzip"),
        ("bomb.jsonl.gz", gzip.compress(b" " * 68_000_000, 1)),
    ],
)
def test_a_file_that_cannot_be_used_is_left_out(
    tmp_path: Path, egress: Egress, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BrokenPairs):
        read_pairs(tmp_path / name)
    aids = Aids(SearchAids(questions=tmp_path / name), egress)
    assert aids.load().past is None
    assert [(one.kind, one.state) for one in aids.states()] == [("questions", "broken")]


def test_pairs_of_a_file_take_part(tmp_path: Path, egress: Egress) -> None:
    (tmp_path / "own.jsonl").write_bytes(line(NIGHT, ZH[0]) + line("腰痛发热", ZH[2]))
    aids = Aids(SearchAids(questions=tmp_path / "own.jsonl"), egress)
    searcher = Searcher()
    searcher.equip(aids.load())
    searcher.add(shelf_of(*ZH))
    searcher.refresh()
    assert searcher.search("夜里总起来小便", SEEN)[0].before
    assert [(one.kind, one.state, one.size) for one in aids.states()] == [
        ("questions", "in-use", 2)
    ]
