"""What answered a question like this one before comes up again, for those who may see it."""

from __future__ import annotations

from countersign.ground.library import Precedents, Searcher

from .passages import WARD, ZH, passage, shelf_of

SEEN = frozenset({WARD})


def filled() -> tuple[Searcher, Precedents]:
    guideline, past = Searcher(), Searcher()
    guideline.add(shelf_of(*ZH))
    guideline.add([passage("别科的秘密段落", "secret", reach="other", version="v2")])
    past.add([passage("夜里总要起来小便怎么办", "q1"), passage("腰痛发热", "q2", version="v2")])
    past.add([passage("夜里总要起来小便怎么办呢", "q3", reach="other", version="v3")])
    for searcher in (guideline, past):
        searcher.refresh()
    links = {"q1": ["v1/ward/0", "secret"], "q2": ["v1/ward/2"], "q3": ["secret"]}
    return guideline, Precedents(past, links)


def test_a_past_question_brings_what_words_do_not_find() -> None:
    guideline, before = filled()
    asked = "夜里总起来小便"
    votes = before.votes(asked, SEEN)
    assert guideline.search(asked, SEEN) == []
    assert [hit.passage.text for hit in guideline.search(asked, SEEN, votes=votes)] == [ZH[0]]


def test_past_questions_of_other_reaches_have_no_vote() -> None:
    _, before = filled()
    assert {id for id, _ in before.near("夜里总起来小便", SEEN)} == {"q1"}
    assert before.votes("夜里", frozenset()) == {}
