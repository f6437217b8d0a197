"""A small hospital with slides: a tiny analysis with exact answers, computed in other processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.slide_toy import Toy, open_toy, picture
from building import IMPORTER, Building, Member
from countersign.ground.db import WHOLE, Database
from countersign.ground.identity import LicenceKind, Role
from countersign.ground.jobs import JobContext
from countersign.ground.slides import KeptSlide
from countersign.kit.json import JSON
from countersign.rooms.pathology.inference.registry import Registry
from countersign.rooms.pathology.service import PATHOLOGY, Analysing

if TYPE_CHECKING:
    from .pathologist import Bench

STAFF = {
    "pathologist": Member(Role.PATHOLOGIST, licence=LicenceKind.PATHOLOGIST),
    "technician": Member(Role.LABORATORY_TECHNICIAN, licence=LicenceKind.LABORATORY_TECHNICIAN),
    "wang": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN),
    "stranger": Member(Role.PATHOLOGIST, "surgery", LicenceKind.PATHOLOGIST),
    "nurse": Member(Role.NURSE, licence=LicenceKind.NURSE),
    "auditor": Member(Role.AUDITOR),
    "admin": Member(Role.ADMINISTRATOR),
}
NAMED = {"ki67": Toy, "he": Toy}
REGISTRY = Registry(NAMED, open_toy)
ACCESSION = "S26-01234"


@dataclass
class Laboratory:
    """A house with slides; ``work`` does what the worker would."""

    building: Building
    analysing: Analysing

    def add(self, name: str, content: bytes, folder: Path, **hints: str) -> str:
        """A file that is handed in; returns its slide."""
        path = folder / name
        path.write_bytes(content)
        slides = self.building.floor.slides
        return slides.intake.receive_files([path], "command", PATHOLOGY, hints=hints).slide

    def work(self, slide: str, context: JobContext | None = None) -> KeptSlide:
        self.analysing.work(context or JobContext(1, "pathology.slide"), slide)
        return self.one(slide)

    def one(self, slide: str) -> KeptSlide:
        return self.building.floor.slides.keeping.one(WHOLE, slide)

    def ready(self, seed: int, folder: Path, stain: str = "ki67") -> str:
        """A measured slide of the patient p1."""
        slide = self.add(f"{seed}.png", picture(seed), folder, accession=ACCESSION, stain=stain)
        assert self.work(slide).state == "ready"
        return slide


@pytest.fixture(scope="module")
def laboratory(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    home = tmp_path_factory.mktemp("house")
    watched = home / "scanner"
    watched.mkdir()
    building = Building(module_database, home, staff=STAFF, slides_folder=watched)
    for patient, accession in (("p1", ACCESSION), ("p2", "S26-09999")):
        building.floor.chart.receive(
            IMPORTER, specimen(patient, accession), source="test", keep_ids=True
        )
    yield Laboratory(building, Analysing(building.floor, REGISTRY))
    building.house.compute.close()
    building.close()


@pytest.fixture(scope="module")
def desk(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A house with pages that the tests of one file share."""
    from .pathologist import bench

    with bench(module_database, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def fresh_desk(database: Database, tmp_path: Path) -> Iterator[Bench]:
    """One for a single test."""
    from .pathologist import bench

    with bench(database, tmp_path / "house") as made:
        yield made


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is measured becomes durable at once."""
    from datetime import timedelta

    from countersign.rooms.pathology.service import analysing

    monkeypatch.setattr(analysing, "EVERY", timedelta(seconds=-1))
    monkeypatch.setattr(analysing, "GROUP", 1)


def specimen(patient: str, accession: str) -> JSON:
    return {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {
                "resource": {
                    "resourceType": "Specimen",
                    "id": f"sp-{patient}",
                    "accessionIdentifier": {"system": "urn:lab", "value": accession},
                    "subject": {"reference": f"Patient/{patient}"},
                },
                "request": {"method": "PUT", "url": f"Specimen/sp-{patient}"},
            }
        ],
    }
