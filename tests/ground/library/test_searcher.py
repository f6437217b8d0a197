"""What is asked is found, at once and only by those who may see it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from countersign.ground.library import Passage, Searcher

from .passages import EN, WARD, ZH, passage, shelf_of

SEEN = frozenset({WARD})


@pytest.fixture
def searcher() -> Searcher:
    made = Searcher()
    made.add([*shelf_of(*ZH), *shelf_of(*EN, version="v2")])
    made.refresh()
    return made


def found(searcher: Searcher, question: str, reaches: frozenset[str] = SEEN) -> list[str]:
    return [hit.passage.text for hit in searcher.search(question, reaches)]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("前列腺增生晚上能喝水吗", ZH[0]),
        ("输尿管结石多久能自己排出来？", ZH[1]),
        ("Which kidneys need draining urgently?", EN[2]),
        ("metformin and low eGFR", EN[3]),
    ],
)
def test_the_nearest_comes_first(searcher: Searcher, question: str, answer: str) -> None:
    assert found(searcher, question)[0] == answer


def test_the_support_is_marked(searcher: Searcher) -> None:
    hit = searcher.search("肾积水感染", SEEN)[0]
    assert [hit.passage.text[start:end] for start, end in hit.spans] == ["肾积水", "感染"]


def test_a_hit_is_the_passage_that_was_added(searcher: Searcher) -> None:
    one = Passage(
        "p", "d", "v3", 4, 10, 21, "睾丸扭转须急诊手术探查", ("急症", "睾丸"), 7, "zh", WARD
    )
    searcher.add([one])
    searcher.refresh()
    assert searcher.search("睾丸扭转", SEEN)[0].passage == one


def test_headings_are_searched_too(searcher: Searcher) -> None:
    one = Passage("p", "d", "v3", 0, 0, 5, "立即手术。", ("睾丸扭转",), None, "zh", WARD)
    searcher.add([one])
    searcher.refresh()
    assert found(searcher, "睾丸扭转") == [one.text]


def test_nothing_asked_or_nothing_alike_finds_nothing(searcher: Searcher) -> None:
    assert found(searcher, "") == found(searcher, "？！ …") == found(searcher, "zebra") == []
    assert searcher.search("结石", SEEN, 0) == []


def test_no_reach_sees_nothing(searcher: Searcher) -> None:
    assert found(searcher, "结石", frozenset()) == []
    assert found(searcher, "结石", frozenset({"elsewhere"})) == []
    assert searcher.count(frozenset({"elsewhere"})) == 0


def test_unrefreshed_is_unseen_and_refreshed_is_seen(searcher: Searcher) -> None:
    searcher.add(shelf_of("膀胱镜检查后多饮水", version="v9"))
    assert "膀胱镜检查后多饮水" not in found(searcher, "膀胱镜")
    searcher.refresh()
    assert found(searcher, "膀胱镜")[0] == "膀胱镜检查后多饮水"


def test_a_withdrawn_version_is_gone(searcher: Searcher) -> None:
    searcher.remove("v1")
    searcher.refresh()
    assert found(searcher, "结石") == []
    assert found(searcher, "kidney drainage")
    searcher.remove("never added")
    searcher.refresh()


def test_the_same_passage_twice_is_found_once(searcher: Searcher) -> None:
    for _ in range(2):
        searcher.add(shelf_of(*ZH))
    searcher.refresh()
    assert found(searcher, "输尿管结石").count(ZH[1]) == 1
    assert searcher.count(SEEN) == len(ZH) + len(EN)


def test_searching_goes_on_while_passages_are_added(searcher: Searcher) -> None:
    missed: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            if found(searcher, "输尿管结石")[:1] != [ZH[1]]:
                missed.append("missed")

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(5):
        searcher.add(shelf_of(f"与之无关的文字{number}", version=f"n{number}"))
        searcher.refresh()
    stop.set()
    asking.join()
    assert not missed


def test_a_folder_is_opened_again(tmp_path: Path) -> None:
    first = Searcher(tmp_path)
    first.add([*shelf_of(*ZH), passage("隔壁科室的结石指南", "x", reach="next", version="v7")])
    first.refresh()
    again = Searcher(tmp_path)
    assert again.search("结石", SEEN) == first.search("结石", SEEN)
    again.remove("v7")
    again.refresh()
    assert again.count(frozenset({"next"})) == 0


def test_a_shelf_that_grew_in_pieces_is_put_together_and_finds_the_same() -> None:
    searcher = Searcher()
    for number, text in enumerate((*ZH, *EN)):
        searcher.add(shelf_of(text, version=f"v{number}"))
        searcher.refresh()
    before = searcher.search("结石引流", SEEN), searcher.search("kidney stones", SEEN)
    searcher.add(shelf_of("新的引流指南", version="waiting"))
    while searcher.compact():
        pass
    assert not searcher.compact()
    searcher.remove("waiting")
    searcher.refresh()
    assert (searcher.search("结石引流", SEEN), searcher.search("kidney stones", SEEN)) == before
    assert all(shelf.view().searcher.num_segments == 1 for shelf in searcher._shelves.values())


def test_passages_of_a_version_are_written_once() -> None:
    """They were taken for replacements of each other, and the whole shelf was written twice."""
    searcher = Searcher()
    searcher.add(shelf_of(*ZH))
    assert [shelf.stale for shelf in searcher._shelves.values()] == [0]
    searcher.add(shelf_of(*ZH))
    assert [shelf.stale for shelf in searcher._shelves.values()] == [len(ZH)]
    searcher.refresh()
    assert searcher.count(SEEN) == len(ZH)
