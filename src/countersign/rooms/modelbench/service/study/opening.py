"""Puts a study's parts together from the floor, for pages, jobs and the command line alike."""

from __future__ import annotations

from countersign.ground.models import NoSuchServer
from countersign.ground.shell import Floor
from countersign.rooms.modelbench.inference.load import LoadGenerator
from countersign.rooms.modelbench.store import SetFolder

from .answering import OverEgress, Reached
from .loading import Loading
from .own import SignedCases
from .running import Running


def open_running(floor: Floor) -> Running:
    """What carries studies on."""
    studies = floor.studies
    return Running(
        studies,
        floor.switch,
        OverEgress(floor.egress, lambda name: registered(floor, name)),
        Loading(LoadGenerator(floor.egress), floor.clock, studies.folder),
        SetFolder(studies.folder),
        SignedCases(floor.signoff.casebook, studies),
    )


def registered(floor: Floor, name: str) -> Reached | None:
    """The server of that name in the gateway's registry, with its token; None for no such one."""
    try:
        access = floor.models.access(name)
    except NoSuchServer:
        return None
    return Reached(access.address, access.headers)
