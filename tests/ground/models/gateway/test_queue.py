"""A server's places are shared by all processes: by priority, in turn, and never lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.models import Load, ModelsAway, Places, Priority
from countersign.ground.models.gateway.errors import NoPlace
from countersign.kit.ids import new_id
from ground.models.gateway.ward import Ward

SECRET = b"a secret of the tests"
PRESENT, SOON, BATCH = Priority


class Crowd:
    """People who each want a place, in threads; ``served`` says who had one, in order."""

    def __init__(self, places: Places, slots: int = 1) -> None:
        self.places = places
        self.slots = slots
        self.served: list[str] = []
        self._threads: list[threading.Thread] = []

    def wants(self, name: str, priority: Priority, lane: str, *, most: float = 30) -> None:
        """Asks, and returns when it is in the queue."""

        def ask() -> None:
            with self.places.place(
                "s", self.slots, priority, lane, time.monotonic() + most, lambda: None
            ):
                self.served.append(name)

        thread = threading.Thread(target=ask)
        waiting = self.waiting()
        thread.start()
        self._threads.append(thread)
        until(lambda: self.waiting() > waiting)

    def waiting(self) -> int:
        return sum(self.places.loads().get("s", Load()).waiting)

    def done(self) -> list[str]:
        for thread in self._threads:
            thread.join(30)
        return self.served


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.01)


def make(database: Database, lease: float = 15.0, ageing: float = 120.0) -> Places:
    return Places(database.pool(DbRole.STEWARD, 8), new_id, lease=lease, ageing=ageing)


@pytest.fixture
def places(module_database: Database) -> Iterator[Places]:
    yield make(module_database)
    module_database.pool(DbRole.STEWARD).rows("delete from models.ticket returning 1")
    module_database.pool(DbRole.STEWARD).rows("delete from models.lane returning 1")


def held(places: Places, slots: int = 1) -> object:
    return places.place("s", slots, PRESENT, "holder", time.monotonic() + 5, lambda: None)


def test_a_free_place_is_had_at_once_and_given_back(places: Places) -> None:
    with held(places):
        assert places.loads() == {"s": Load(1, (0, 0, 0))}
    assert places.loads() == {}


def test_a_patient_present_goes_before_a_nights_work(places: Places) -> None:
    crowd = Crowd(places)
    with held(places):
        crowd.wants("batch", BATCH, "a")
        crowd.wants("soon", SOON, "b")
        crowd.wants("present", PRESENT, "c")
    assert crowd.done() == ["present", "soon", "batch"]


def test_places_go_round_among_people(places: Places) -> None:
    crowd = Crowd(places)
    with held(places):
        for number in range(3):
            crowd.wants(f"wang-{number}", SOON, "wang")
        crowd.wants("li-0", SOON, "li")
        crowd.wants("zhao-0", SOON, "zhao")
    served = crowd.done()
    assert served[:3] == ["wang-0", "li-0", "zhao-0"]


def test_a_nights_work_does_not_starve(module_database: Database) -> None:
    impatient = make(module_database, ageing=0.4)
    crowd = Crowd(impatient)
    with held(impatient):
        crowd.wants("batch", BATCH, "a")
        time.sleep(1.0)  # two steps of ageing
        for number in range(3):
            crowd.wants(f"present-{number}", PRESENT, f"b{number}")
    assert crowd.done()[0] == "batch"


def test_no_more_places_than_the_server_has(places: Places) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def work(name: int) -> None:
        nonlocal inside, most
        with places.place("s", 3, SOON, str(name % 4), time.monotonic() + 30, lambda: None):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most) == (0, 3)


def test_whoever_waits_too_long_leaves_the_queue(places: Places) -> None:
    with held(places):
        with (
            pytest.raises(NoPlace),
            places.place("s", 1, SOON, "late", time.monotonic() + 0.2, lambda: None),
        ):
            pass
        assert places.loads() == {"s": Load(1, (0, 0, 0))}


def test_whoever_is_told_to_stop_leaves_the_queue(places: Places) -> None:
    class Stopped(Exception):
        pass

    def watch() -> None:
        raise Stopped

    with held(places):
        with pytest.raises(Stopped), places.place("s", 1, SOON, "x", time.monotonic() + 5, watch):
            pass
        assert places.loads() == {"s": Load(1, (0, 0, 0))}


CHILD = """
import sys, time
from countersign.ground.db import Database, DbRole
from countersign.ground.models import Places, Priority
from countersign.kit.ids import new_id
pool = Database(sys.argv[1], b"a secret of the tests", pool_size=2).pool(DbRole.STEWARD)
places = Places(pool, new_id, lease=1.5)
with places.place("s", 1, Priority.SOON, "child", time.monotonic() + 30, lambda: None):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_frees_its_places(module_database: Database, places: Places) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, module_database.owner_conninfo],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        time.sleep(3)  # twice its lease: the living renew it
        assert places.loads()["s"].working == 1
        child.kill()
        with places.place("s", 1, SOON, "heir", time.monotonic() + 20, lambda: None):
            pass
    finally:
        child.kill()
        child.wait(10)
        child.stdout.close()


def test_the_gateway_waits_for_a_place_within_the_deadline(here: Ward, tmp_path: Path) -> None:
    here.connect("narrow", here.servers.one("one").address, slots=1)
    here.assign(("narrow", "ok"))
    with (
        here.gateway.places.place(
            "narrow", 1, PRESENT, "holder", time.monotonic() + 5, lambda: None
        ),
        pytest.raises(ModelsAway),
    ):
        here.gateway.ask(here.asked(seconds=1.0))
    assert here.calls()[-1]["why"] == "models.no-place"
    assert here.gateway.ask(here.asked()).text == "It is high."
