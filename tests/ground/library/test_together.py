"""Two threads share the shelves of one question: each once, in order, waiting for nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from countersign.ground.library import Searcher, looking
from countersign.ground.library import together as module
from countersign.ground.library.together import together

from .passages import EN, WARD, ZH, shelf_of


@pytest.fixture(autouse=True)
def helpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.BoundedSemaphore]:
    """One second thread, however many cores this machine has."""
    free = threading.BoundedSemaphore(1)
    monkeypatch.setattr(module, "_free", free)
    monkeypatch.setattr(module, "HELPERS", 1)
    module._helpers.cache_clear()
    yield free
    module._helpers().shutdown()
    module._helpers.cache_clear()


def test_every_piece_is_done_once_and_comes_back_in_order() -> None:
    done: list[int] = []

    def piece(number: int) -> int:
        done.append(number)
        return number * number

    for size in (0, 1, 2, 37):
        done.clear()
        assert together([partial(piece, n) for n in range(size)]) == [n * n for n in range(size)]
        assert sorted(done) == list(range(size))


def test_two_threads_work_at_the_same_time() -> None:
    met = threading.Barrier(2, timeout=60)

    def meet() -> str:
        met.wait()
        return threading.current_thread().name

    assert len(set(together([meet, meet]))) == 2


def test_without_a_free_thread_the_asker_does_it_all(helpers: threading.BoundedSemaphore) -> None:
    name = threading.current_thread().name
    work: list[Callable[[], str]] = [lambda: threading.current_thread().name] * 5
    with helpers:
        assert together(work) == [name] * 5


def test_what_fails_is_raised_and_the_next_question_has_its_thread(
    helpers: threading.BoundedSemaphore,
) -> None:
    def fail() -> None:
        raise KeyError("shelf")

    with pytest.raises(KeyError):
        together([fail, fail])
    assert helpers.acquire(blocking=False), "the second thread is free again"
    helpers.release()


def test_hits_and_scores_are_those_of_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = Searcher()
    for number in range(6):
        searcher.add(shelf_of(*ZH, *EN, reach=f"r{number}", version=f"v{number}"))
    searcher.add(shelf_of(*ZH[:2]))
    searcher.refresh()
    seen = frozenset({WARD, *(f"r{number}" for number in range(6))})
    for asked in ("输尿管结石 5mm", "infected kidney", "前列腺"):
        alone = searcher.search(asked, seen, 20)
        monkeypatch.setattr(looking, "WORTH", 0)
        assert alone and searcher.search(asked, seen, 20) == alone
        monkeypatch.setattr(looking, "WORTH", 50_000)
