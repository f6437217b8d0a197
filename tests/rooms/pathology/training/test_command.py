"""``countersign train pathology`` as people type it: from a folder or from signed corrections to a
version with a card, compared on the frozen set, that measures once a person put it in service."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from building import IMPORTER, Building, chart_of
from conftest import SECRET
from countersign.app.house import register_models
from countersign.ground.db import WHOLE, Database
from countersign.ground.imaging.generated.demonstration import Shown, Wanted, write_demonstration
from countersign.ground.jobs import JobContext
from countersign.ground.models import TrainedVersion
from countersign.ground.signoff import RiskClass
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.service import PATHOLOGY, Analysing, Results
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.serving import outliner, reference
from countersign.rooms.pathology.service.signing import Signing
from rooms.pathology.conftest import STAFF, specimen
from rooms.pathology.pathologist import Session
from tools.training_environment import ROOT, beside, install

from .test_glands import labelled

PATIENTS = ("p1", "p3", "p4")
SIZE = (2048, 1024)
"""Two fields that corrections are cut into."""

SMALL = (640, 512)
STAINS = ("ki67", "he")
COLLEAGUE = {"colleague": STAFF["pathologist"]}


@dataclass
class Hospital:
    """A house, its slides by patient and stain, and a command line that leads to it."""

    building: Building
    drawn: dict[str, Shown]
    environment: dict[str, str]

    def train(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``countersign train …`` in a process of its own."""
        command = [sys.executable, "-m", "countersign.app", "train", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def trained(self, *words: str) -> tuple[subprocess.CompletedProcess[str], TrainedVersion]:
        """The same for one model; the version that it made."""
        done = self.train("pathology", *words)
        assert done.returncode == 0, done.stderr[-3000:]
        label = re.match(r"(\S+)@(\S+)", done.stdout)
        assert label is not None, done.stdout
        return done, self.building.floor.trained.one(label[1], label[2])

    def measured(self, name: str, patient: str) -> str:
        """A drawn slide, handed in as a patient's and measured by what is in service now."""
        slides = self.building.floor.slides
        hints = {"accession": f"S26-{patient}", "stain": name.partition("-")[2]}
        path = self.drawn[name].path
        slide = slides.intake.receive_files([path], "command", PATHOLOGY, hints=hints).slide
        if slides.keeping.one(WHOLE, slide).state != "queued":
            slides.keeping.move(PATHOLOGY, slide, "queued")
        Analysing(self.building.floor).work(JobContext(1, "pathology.slide"), slide)
        assert slides.keeping.one(WHOLE, slide).state == "ready"
        return slide

    def signed(self, name: str, said: Callable[[Nuclei, int], dict[str, Any]]) -> None:
        """A slide with corrections of some nuclei in each field, signed by a pathologist."""
        slide = self.measured(name, name.partition("-")[0])
        floor, who = self.building.floor, self.building.who("pathologist")
        reporting = Reporting(floor)
        nuclei = reporting.results.nuclei_of(slide)
        for left in (0, SIZE[1]):
            here = np.flatnonzero((nuclei.x >= left) & (nuclei.x < left + SIZE[1]))
            for row in here[:12].tolist():
                value = {"indices": [row], **said(nuclei, row)}
                reporting.results.correct(who, slide, "nuclei", value)
        signing = Signing(floor, reporting)
        draft = signing.propose(who, slide)
        self.building.accept("pathologist", draft)
        if self.building.open("pathologist", draft).draft.head.risk is RiskClass.HIGH:
            self.building.countersign("colleague", draft)
        assert signing.settle(floor.slides.keeping.one(WHOLE, slide)) == "signed"

    def serve(self, version: TrainedVersion) -> None:
        """A person puts it in service at the page."""
        ref = version.ref
        admin = Session(self.building, "admin")
        admin.post(f"/modelbench/trained/of/{ref.name}/{ref.version}/serve")

    def listed(self, version: TrainedVersion) -> str:
        """The line of a version."""
        lines = self.train("list").stdout.splitlines()
        (line,) = [one for one in lines if version.ref.label in one]
        return line


@pytest.fixture(scope="module")
def hospital(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hospital]:
    if install() is None:
        pytest.skip("the train extra could not be installed apart (no registry to be reached)")
    home = tmp_path_factory.mktemp("house")
    building = Building(module_database, home, staff={**STAFF, **COLLEAGUE})
    secret = home / "keys" / "installation.secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    register_models(building.house)
    (home / "drawn").mkdir()
    shown: list[Shown] = []
    for names, size in ((PATIENTS, SIZE), (("later",), SMALL)):
        wanted = tuple(Wanted(f"{one}-{kind}", kind, 0.4) for one in names for kind in STAINS)
        shown += write_demonstration(home / "drawn", 7, wanted, size)
    chart = building.floor.chart
    for patient in PATIENTS:
        held: dict[str, Any] = {"source": "test", "keep_ids": True}
        if patient != "p1":
            chart.receive(IMPORTER, chart_of(patient), departments=("cardiology",), **held)
        chart.receive(IMPORTER, specimen(patient, f"S26-{patient}"), **held)
    environment = {
        **beside(),
        "COUNTERSIGN_HOME": str(home),
        "COUNTERSIGN_DATABASE": module_database.owner_conninfo,
    }
    yield Hospital(building, {one.wanted.name: one for one in shown}, environment)
    building.house.compute.close()
    building.close()


def figure(done: subprocess.CompletedProcess[str], name: str) -> tuple[str, str]:
    """A figure of the new version and of what is in service, as they are printed."""
    (line,) = [one for one in done.stdout.splitlines() if one.split()[:1] == [name]]
    return line.split()[1], line.split()[-1]


def test_own_corrections_teach_which_nuclei_are_a_tumours(hospital: Hospital) -> None:
    for patient in PATIENTS:
        hospital.signed(
            f"{patient}-ki67", lambda nuclei, row: {"tumour": bool(nuclei.tumour[row] < 0.5)}
        )
    done, made = hospital.trained("tumour", "--own")
    assert "6 fields were corrected and signed here" in done.stderr
    assert "Learnt from: nuclei on Ki-67" in done.stderr and "Not learnt from" in done.stderr
    assert "2 of 6 fields are frozen from now on" in done.stderr
    new, now = figure(done, "balanced_accuracy")
    assert 0 <= float(new) <= 1 and 0 <= float(now) <= 1
    card = next(one.card for one in hospital.building.floor.registry.all() if one.ref == made.ref)
    assert card.name == "pathology-tumour-own" and card.data[0].name.en == "own"
    assert not made.in_service and "It is not in service" in done.stdout
    floor = hospital.building.floor
    before = floor.slides.running.measured(WHOLE, hospital.measured("later-ki67", "p1"))
    assert not hospital.listed(made).startswith("*")
    hospital.serve(made)
    assert hospital.listed(made).startswith("*")
    after = floor.slides.running.measured(WHOLE, hospital.measured("later-ki67", "p1"))
    assert before.version != after.version and before.nuclei_sha256 != after.nuclei_sha256
    assert reference(floor, "ki67", after.version) == made.ref


def test_own_corrections_teach_kinds_of_cells_on_he(hospital: Hospital) -> None:
    for patient in PATIENTS:
        kind = {"type": int(NucleusType.EPITHELIAL)}
        hospital.signed(f"{patient}-he", lambda nuclei, row, kind=kind: kind)
    done, made = hospital.trained("nuclei", "--own", "--steps", "2", "--looks", "1")
    assert "6 fields were corrected and signed here" in done.stderr
    new, now = figure(done, "f1")
    assert 0 <= float(new) <= 1 and now == "–"
    # A rule calls no nucleus epithelial: only the pathologist did.
    file = hospital.environment["COUNTERSIGN_HOME"] + "/own.onnx"
    Path(file).write_bytes(hospital.building.floor.trained.artefact(made.ref))
    card = HeNetwork(Path(file)).card
    assert "epithelial" in card["types"] and card["looks"] == 1
    hospital.serve(made)
    floor = hospital.building.floor
    run = floor.slides.running.measured(WHOLE, hospital.measured("later-he", "p1"))
    assert reference(floor, "he", run.version) == made.ref


def test_a_folder_teaches_glands_that_are_outlined_then(hospital: Hospital, tmp_path: Path) -> None:
    floor = hospital.building.floor
    source = str(labelled(tmp_path / "set"))
    done, made = hospital.trained("glands", "--source", source, "--steps", "2")
    new, now = figure(done, "dice")
    assert 0 <= float(new) <= 1 and 0 <= float(now) <= 1
    assert "2 of 8 fields are frozen from now on" in done.stderr
    slide = hospital.measured("later-he", "p3")
    before = floor.slides.running.measured(WHOLE, slide)
    hospital.serve(made)
    assert hospital.measured("later-he", "p3") == slide
    after = floor.slides.running.measured(WHOLE, slide)
    assert before.version != after.version and outliner(floor, "he", before.version) is None
    assert outliner(floor, "he", after.version) == made.ref
    assert reference(floor, "he", after.version) == reference(floor, "he", before.version)
    results = Results(floor)
    codes = {one["code"] for one in results.findings_of(slide).limits}
    assert "glands-not-validated" not in codes
    made_of = Signing(floor, Reporting(floor)).propose(hospital.building.who("pathologist"), slide)
    inputs = hospital.building.open("pathologist", made_of).draft.explanation.inputs
    assert made.ref.label in inputs
