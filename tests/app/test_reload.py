"""Every process is replaced under a load of requests, and not one of them is lost."""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from pathlib import Path

import httpx
import psutil

from benchmarks.installation import COUNTERSIGN, Installation, free_port, running_house


def test_a_reload_under_load_loses_no_request() -> None:
    with running_house(lambda _: {}, DEMONSTRATION="no", PORT=str(free_port())) as house:
        before = _serving(house)
        assert len(before) == 2
        with _Load(house.port) as load:
            load.await_more(40)
            assert "Every process was replaced" in house.command("reload")
            load.await_more(40)
        assert load.lost == []
        assert load.answered[200] > 80 and set(load.answered) == {200}
        after = _serving(house)
        assert len(after) == 2 and not after & before
        assert len(house.process_info.children()) == 3


def test_a_reload_that_cannot_start_leaves_the_old_ones_at_work() -> None:
    with running_house(lambda _: {}, DEMONSTRATION="no", PORT=str(free_port())) as house:
        before = _serving(house)
        key = house.home / "keys" / "index.key"
        aside = key.rename(house.home / "index.aside")
        done = _reload(house)
        assert done.returncode == 1 and "[app.reload_failed]" in done.stderr
        assert _serving(house) == before
        assert httpx.get(f"http://127.0.0.1:{house.port}/sign-in").status_code == 200
        aside.rename(key)
        assert _reload(house).returncode == 0
        assert not _serving(house) & before


def test_where_nothing_runs_nothing_is_reloaded(tmp_path: Path) -> None:
    variables = {"COUNTERSIGN_HOME": str(tmp_path), "COUNTERSIGN_PORT": str(free_port())}
    with subprocess.Popen(["true"]) as nothing:
        done = _reload(Installation(0, variables, nothing))
    assert done.returncode == 1 and "[app.not_running]" in done.stderr


def _reload(house: Installation) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COUNTERSIGN), "reload"],
        env=house.environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=250,
    )


def _serving(house: Installation) -> set[int]:
    found: set[int] = set()
    for one in house.process_info.children():
        try:
            if "serve" in one.cmdline():
                found.add(one.pid)
        except psutil.Error:
            continue
    return found


class _Load:
    """Four who keep their connection and two who open one for each request."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/sign-in"
        self._stop = threading.Event()
        self.lost: list[str] = []
        self.answered: Counter[int] = Counter()
        self._threads = [threading.Thread(target=self._keep) for _ in range(4)]
        self._threads += [threading.Thread(target=self._anew) for _ in range(2)]

    def __enter__(self) -> _Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def await_more(self, count: int) -> None:
        wanted = self.answered.total() + count
        while self.answered.total() < wanted and not self._stop.wait(0.05):
            assert not self.lost, self.lost

    def _keep(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self._stop.wait(0.01):
                self._ask(client)

    def _anew(self) -> None:
        while not self._stop.wait(0.03):
            with httpx.Client(timeout=60) as client:
                self._ask(client)

    def _ask(self, client: httpx.Client) -> None:
        try:
            self.answered[client.get(self._address).status_code] += 1
        except httpx.HTTPError as problem:
            self.lost.append(f"{type(problem).__name__}: {problem}")
