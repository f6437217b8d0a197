"""What a person may not see changes no hit, no score and no count of what she sees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.library import Searcher
from countersign.ground.library.shelf import View

from .passages import EN, WARD, ZH, shelf_of

SIGNS = "肾结石感染引流不5mg alpha kidney stone "
TEXTS = st.lists(st.text(alphabet=SIGNS, min_size=1, max_size=30), max_size=12)
OTHER = "surgery"
SEEN = frozenset({WARD, OTHER})


@settings(max_examples=40, deadline=None)
@given(
    foreign=TEXTS,
    reaches=st.lists(st.sampled_from(["a", "ward2", "Ward", "z/ward", ""]), min_size=1, max_size=3),
    question=st.text(alphabet=SIGNS, max_size=20),
)
def test_foreign_passages_change_nothing(
    foreign: list[str], reaches: list[str], question: str
) -> None:
    plain, crowded = Searcher(), Searcher()
    for searcher in (plain, crowded):
        searcher.add([*shelf_of(*ZH), *shelf_of(*EN, reach=OTHER, version="v2")])
    for reach in reaches:
        crowded.add(shelf_of(*foreign, *ZH, reach=reach, version=f"foreign {reach}"))
    for searcher in (plain, crowded):
        searcher.refresh()
    for asked in (question, "肾结石感染", "infected kidney stone"):
        assert crowded.search(asked, SEEN) == plain.search(asked, SEEN)
        assert crowded.search(asked, frozenset({OTHER})) == plain.search(asked, frozenset({OTHER}))
    assert crowded.count(SEEN) == plain.count(SEEN)


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.tuples(TEXTS, st.sampled_from(["a", "b", "c"])), min_size=1, max_size=4))
def test_how_passages_are_shared_out_among_reaches_changes_no_score(
    parts: list[tuple[list[str], str]],
) -> None:
    apart, together = Searcher(), Searcher()
    for number, (texts, reach) in enumerate(parts):
        apart.add(shelf_of(*texts, reach=reach, version=str(number)))
        together.add(shelf_of(*texts, version=str(number)))
    for searcher in (apart, together):
        searcher.refresh()
    split = apart.search("肾结石感染引流 kidney", frozenset({"a", "b", "c"}), 100)
    whole = together.search("肾结石感染引流 kidney", frozenset({WARD}), 100)
    assert sorted((hit.score, hit.passage.text) for hit in split) == sorted(
        (hit.score, hit.passage.text) for hit in whole
    )


def test_foreign_passages_change_nothing_that_the_engine_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that neither work nor waiting tells of them: every look-up, query and passage is noted."""
    steps: list[tuple[object, ...]] = []

    def noted(name: str) -> None:
        ask = getattr(View, name)

        def asked(view: View, *given: object) -> object:
            found = ask(view, *given)
            steps.append((name, view.reach, str(given) if name != "fetch" else str(found)))
            if name == "frequencies":
                steps.append(("postings", view.reach, str(found)))
            return found

        monkeypatch.setattr(View, name, asked)

    for name in ("frequencies", "nearest", "fetch", "named"):
        noted(name)
    told: list[list[tuple[object, ...]]] = []
    for foreign in (False, True):
        searcher = Searcher()
        searcher.add([*shelf_of(*ZH), *shelf_of(*EN, reach=OTHER, version="v2")])
        if foreign:
            searcher.add(shelf_of("只此一家的词鬯鬯 secret", *ZH, reach="closed", version="v3"))
        searcher.refresh()
        steps.clear()
        for asked in ("鬯鬯 secret", "肾结石感染 secret", "只此一家的词"):
            searcher.search(asked, SEEN)
        told.append(list(steps))
    assert told[0] == told[1] != []
    assert {step[1] for step in told[1]} == SEEN
