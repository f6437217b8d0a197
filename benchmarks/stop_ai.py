"""Stop AI pressed on one installation: how long the other could still propose or show a draft."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import psycopg

from benchmarks.killed_load import HTML, Load, drafts_on, form_token, sign_in
from benchmarks.measured import Measured, Unmeasurable
from benchmarks.two_houses import TwoHouses, two_houses

PRESSES = 20
PATIENCE = 30.0
REASON = "measured how long it takes"


def measure(data: Path | None, presses: int = PRESSES) -> Measured:
    """The worst of many presses, while patients who need drafts come in and drafts are read."""
    shown: list[float] = []
    proposed: list[float] = []
    with two_houses() as houses:
        load = Load(houses.there)
        with load.running(), _Ward(houses) as ward:
            load.await_all(120)
            for _ in range(presses):
                seconds, late = ward.press()
                shown.append(seconds)
                proposed.append(late)
                ward.resume()
        load.raise_problem()
    worst = max(*shown, *proposed)
    return Measured(
        columns=("what the other installation did", "median s", "longest s"),
        rows=[
            ("said that AI runs, or showed a draft", _middle(shown), max(shown)),
            ("proposed a draft", _middle(proposed), max(proposed)),
        ],
        figures={"seconds": round(worst, 3), "presses": presses},
        notes=(
            "counted from the moment the button was pressed, so the press itself is in it;"
            " two installations with two web processes each on one PostgreSQL",
            "a draft counts as proposed when its row was begun; the gate in the database asks the"
            " switch itself, so nothing can come later",
        ),
    )


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


class _Ward:
    """An administrator here, a physician there, and a look into the shared tables."""

    def __init__(self, houses: TwoHouses) -> None:
        self._database = houses.database
        self._admin = _browser(houses.here.port)
        self._doctor = _browser(houses.there.port)

    def __enter__(self) -> _Ward:
        sign_in(self._admin, "administrator")
        sign_in(self._doctor, "physician")
        return self

    def __exit__(self, *problem: object) -> None:
        self._admin.close()
        self._doctor.close()

    def press(self) -> tuple[float, float]:
        """Seconds until the last page that said otherwise, and until the last proposal."""
        token = form_token(self._admin.get("/administration/ai"))
        at, pressed = time.time(), time.perf_counter()
        answer = self._admin.post("/administration/ai/stop", data={"csrf": token})
        if answer.status_code != 303:
            raise Unmeasurable(f"the button answered {answer.status_code}")
        last = time.perf_counter()
        quiet = 0
        while quiet < 6 and time.perf_counter() - pressed < PATIENCE:
            if self._stopped():
                quiet += 1
            else:
                quiet, last = 0, time.perf_counter()
        return last - pressed, self._last_proposal(at)

    def resume(self) -> None:
        """Lets AI run again and waits for a draft, so that the next press has something to stop."""
        token = form_token(self._admin.get("/administration/ai"))
        self._admin.post("/administration/ai/resume", data={"csrf": token, "reason": REASON})
        until = time.monotonic() + PATIENCE
        while self._stopped() and time.monotonic() < until:
            time.sleep(0.1)

    def _stopped(self) -> bool:
        """Asked twice, on connections of their own, so that both web processes are heard."""
        said = self._doctor.get("/ai-state", headers={"connection": "close"}).json()["stopped"]
        page = self._doctor.get("/inbox", headers={"connection": "close"})
        return said is True and not drafts_on(page)

    def _last_proposal(self, at: float) -> float:
        with psycopg.connect(self._database) as owner:
            row = owner.execute(
                "select extract(epoch from max(at))::float8 from ledger.event"
                " where kind = 'draft-proposed'"
            ).fetchone()
        return max(0.0, (row[0] if row and row[0] else at) - at)


def _browser(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=HTML, timeout=60)
