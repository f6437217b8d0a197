"""A part that is killed is replaced, however young; one that cannot work ends everything."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from countersign.app.part import FAILURES, Part, ServerEnded


def _part(folder: Path, program: str) -> Part:
    return Part("worker", [sys.executable, "-c", program], folder)


def _ended(part: Part) -> None:
    until = time.monotonic() + 30
    while not part.ended():
        assert time.monotonic() < until
        time.sleep(0.01)


def _replaced(part: Part) -> None:
    until = time.monotonic() + 30
    while not part.tend():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_one_that_is_killed_before_it_ever_worked_is_replaced(tmp_path: Path) -> None:
    part = _part(tmp_path, "import time; time.sleep(60)")
    first = part.pid
    part.ask(9)
    _ended(part)
    _replaced(part)
    assert part.pid != first and not part.ended()
    part.ask(9)
    part.await_end(30)


def test_one_that_ends_of_itself_before_it_ever_worked_ends_everything(tmp_path: Path) -> None:
    part = _part(tmp_path, "raise SystemExit(1)")
    _ended(part)
    with pytest.raises(ServerEnded):
        part.tend()


def test_one_that_is_killed_again_and_again_ends_everything(tmp_path: Path) -> None:
    part = _part(tmp_path, "import os; os.kill(os.getpid(), 9)")
    for _ in range(FAILURES):
        _ended(part)
        _replaced(part)
    _ended(part)
    with pytest.raises(ServerEnded):
        part.tend()
