"""Hands a slide over in a process of its own, which kill -9 ends at a named point of the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countersign.app.house import _build
from countersign.app.settings import Settings
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import Ledger, Signer
from countersign.ground.shell import Floor
from countersign.kit.clock import utc_now
from countersign.rooms.pathology.service import serving
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.signing import Signing

from .pathologist import REGISTRY, card


@dataclass(frozen=True)
class Way:
    """The house of a test, as another process opens it; ``point`` is where that one ends."""

    conninfo: str
    secret: bytes
    home: Path
    point: str
    principal: Principal
    slide: str


def end_handing_over(way: Way) -> None:
    """Returns when that process has ended as it should."""
    process = multiprocessing.get_context("spawn").Process(target=_hand_over, args=(way,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, process.exitcode


def _hand_over(way: Way) -> None:
    database = Database(way.conninfo, way.secret, pool_size=4)
    signer = Signer("test.example/ledger", bytes(32))
    ledger = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    settings = Settings(home=way.home, trusted_hosts=("127.0.0.1",), step_up_minutes=60)
    floor = _build(settings, database, ledger, b"secret", utc_now).floor
    serving.CARDS = ((card(), "cd" * 32),)
    proposals, keeping = floor.signoff.proposals, floor.slides.keeping
    ends: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "before the draft": (proposals, "propose", _before),
        "after the draft": (proposals, "propose", _after),
        "after the state": (keeping, "move_within", _after),
    }
    if way.point in ends:
        part, name, ending = ends[way.point]
        object.__setattr__(part, name, ending(getattr(part, name)))
    _signing(floor).propose(way.principal, way.slide)
    _end()  # after all of it, before anybody was answered


def _signing(floor: Floor) -> Signing:
    return Signing(floor, Reporting(floor, REGISTRY))


def _before(do: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **more: _end()


def _after(do: Callable[..., Any]) -> Callable[..., Any]:
    def done(*given: Any, **more: Any) -> None:
        do(*given, **more)
        _end()

    return done


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
