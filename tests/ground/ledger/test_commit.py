"""Group commit under failure: nothing acknowledged is lost, nothing is written twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from countersign.ground.ledger import EventRefused, LedgerUnavailable
from countersign.ground.ledger.commit import BATCH, Committer


class Disk:
    """Leaves in memory, with the failures that a test asks for."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.batches: list[int] = []
        self.lost_before = self.lost_after = 0
        self.refuses = b"never"
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)

    def append(self, bodies: Sequence[bytes]) -> int:
        self.entered.release()
        self.gate.wait()
        if self.lost_before:
            self.lost_before -= 1
            raise LedgerUnavailable
        if self.refuses in bodies:
            raise EventRefused(reason="test")
        first = len(self.leaves)
        self.leaves += bodies
        self.batches.append(len(bodies))
        if self.lost_after:
            self.lost_after -= 1
            raise LedgerUnavailable
        return first

    def size(self) -> int:
        return len(self.leaves)

    def written(self, bodies: Sequence[bytes], since: int) -> dict[bytes, int]:
        return {body: self.leaves.index(body, since) for body in bodies if body in self.leaves}


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def committer(disk: Disk) -> Iterator[Committer]:
    made = Committer(disk)
    yield made
    disk.gate.set()
    made.close(2)


def together(count: int, act: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_waits_meanwhile_becomes_one_transaction(disk: Disk, committer: Committer) -> None:
    disk.gate.clear()
    committer.write_soon(b"first")
    disk.entered.acquire()
    for number in range(BATCH + 10):
        committer.write_soon(str(number).encode())
    disk.gate.set()
    committer.write(b"last", 2)
    assert disk.batches == [1, BATCH, 11]
    assert disk.leaves == [b"first", *(str(n).encode() for n in range(BATCH + 10)), b"last"]


def test_each_writer_learns_its_own_index(disk: Disk, committer: Committer) -> None:
    found: dict[int, int] = {}

    def write(number: int) -> None:
        found[number] = committer.write(str(number).encode(), 2)

    together(32, write)
    assert {number: disk.leaves[index] for number, index in found.items()} == {
        number: str(number).encode() for number in range(32)
    }


def test_a_failure_is_tried_again_until_it_works(disk: Disk, committer: Committer) -> None:
    disk.lost_before = 3
    assert committer.write(b"a", 2) == 0
    assert disk.leaves == [b"a"]


def test_a_commit_whose_answer_was_lost_is_not_written_twice(
    disk: Disk, committer: Committer
) -> None:
    committer.write(b"before", 2)
    disk.lost_after = 1
    assert committer.write(b"a", 2) == 1
    assert committer.write(b"b", 2) == 2
    assert disk.leaves == [b"before", b"a", b"b"]


def test_nobody_waits_longer_than_the_deadline(disk: Disk, committer: Committer) -> None:
    disk.gate.clear()
    started = time.monotonic()
    with pytest.raises(LedgerUnavailable):
        committer.write(b"a", 0.05)
    assert time.monotonic() - started < 1


def test_what_was_given_up_before_it_was_tried_is_never_written(
    disk: Disk, committer: Committer
) -> None:
    disk.gate.clear()
    committer.write_soon(b"ahead")
    disk.entered.acquire()
    with pytest.raises(LedgerUnavailable):
        committer.write(b"given up", 0.05)
    disk.gate.set()
    committer.write(b"later", 2)
    assert disk.leaves == [b"ahead", b"later"]


def test_an_event_that_the_database_refuses_does_not_hold_up_others(
    disk: Disk, committer: Committer
) -> None:
    disk.gate.clear()
    committer.write_soon(b"ahead")
    disk.entered.acquire()
    disk.refuses = b"bad"
    outcome: dict[int, object] = {}

    def write(number: int) -> None:
        try:
            outcome[number] = committer.write(b"bad" if number == 1 else b"%d" % number, 2)
        except EventRefused as problem:
            outcome[number] = problem

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
        while committer.unwritten() < 2 + threads.index(thread):
            time.sleep(0.001)
    disk.gate.set()
    for thread in threads:
        thread.join()
    assert isinstance(outcome[1], EventRefused)
    assert sorted(disk.leaves) == [b"0", b"2", b"ahead"]


def test_closing_writes_what_waits(disk: Disk) -> None:
    committer = Committer(disk)
    disk.lost_before = 2
    for number in range(50):
        committer.write_soon(b"%d" % number)
    committer.close(5)
    assert len(disk.leaves) == 50 and committer.unwritten() == 0
    with pytest.raises(LedgerUnavailable):
        committer.write(b"too late", 1)


def test_closing_says_when_something_could_not_be_written(disk: Disk) -> None:
    committer = Committer(disk)
    disk.lost_before = 10**9
    committer.write_soon(b"a")
    committer.write_soon(b"b")
    with pytest.raises(LedgerUnavailable) as problem:
        committer.close(0.1)
    assert problem.value.details == {"unwritten": 2}
