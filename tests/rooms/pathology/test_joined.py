"""Where the parts of the room meet: a result counted again, one's own model, DICOM in and out."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom import dcmread

from benchmarks.slide_toy import ToySlide
from countersign.ground.db import WHOLE
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region, Ring
from countersign.rooms.pathology.domain.tissue import Cells
from countersign.rooms.pathology.domain.tissue_grid import grid_over
from countersign.rooms.pathology.domain.tissue_kept import STEP, cells_from, kept_of
from countersign.rooms.pathology.inference.he import HE
from countersign.rooms.pathology.inference.ki67 import Ki67
from countersign.rooms.pathology.inference.ki67_model import MODEL
from countersign.rooms.pathology.inference.registry import OwnModel, ki67
from countersign.rooms.pathology.service import Results, dicom_codes, serving
from countersign.rooms.pathology.service.arriving import arrived
from countersign.rooms.pathology.service.reporting import infiltrated
from dicoms import saved
from dicoms import slide as instance
from doors.dicom.stage import fresh, received
from rooms.pathology.he_slide import PictureSlide, drawn
from rooms.pathology.pathologist import Bench, Session, card

SIDE = 1400


def square(left: float, top: float, right: float, bottom: float) -> Ring:
    places = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Ring(np.array(places, np.float32))


def test_a_raster_of_tissue_is_kept_as_it_is() -> None:
    grid = grid_over(3000, 2100, 0.5, 32.0)
    chance = np.random.default_rng(3)
    tissue = chance.random((grid.rows, grid.columns)) > 0.4
    blue = chance.random(tissue.shape).astype(np.float32)
    again = cells_from(json.loads(json.dumps(kept_of(Cells(grid, tissue, blue)))))
    assert again.grid == grid and np.array_equal(again.tissue, tissue)
    assert again.haematoxylin is not None
    assert np.abs(again.haematoxylin - blue).max() <= STEP / 2
    assert cells_from(kept_of(Cells(grid, tissue))).haematoxylin is None


def test_infiltration_follows_the_region_that_a_pathologist_draws() -> None:
    picture = PictureSlide(drawn(SIDE, 3, cells=300).image, 0.5)
    analysis = HE()
    plan = analysis.plan(picture)
    # what is drawn is not sharp, and what is out of focus does not count
    found = replace(analysis.finish(picture, plan, Nuclei.none()), regions=())
    many = 400
    places = np.random.default_rng(1).uniform(100, 1300, (2, many)).astype(np.float32)
    number = np.full(many, 20, np.float32)
    kinds = np.full(many, NucleusType.STROMAL)
    kinds[(places[0] < 700) & (np.arange(many) % 3 == 0)] = NucleusType.INFLAMMATORY
    nuclei = Nuclei(*places, number, number, number, number * 0, kinds.astype(np.uint8), number)
    left = Region("tumour", square(100, 100, 700, 1300), drawn_by="p")
    right = Region("tumour", square(700, 100, 1300, 1300), drawn_by="p")
    one, other = (infiltrated(found, nuclei, (region,)) for region in (left, right))
    assert one.figures["til_cells"] > 30 and other.figures["til_cells"] == 0
    assert one.figures["til_percent"] > other.figures["til_percent"] == 0
    assert not any(region.drawn_by for region in one.regions)
    codes = [limit["code"] for limit in one.limits]
    assert "region-by-program" not in codes and "types-by-rule" in codes
    assert len(codes) == len(set(codes))


def test_a_model_that_a_person_put_in_service_measures_and_is_named(fresh_desk: Bench) -> None:
    floor = fresh_desk.building.floor
    assert serving.serving(floor, "ki67", ki67) is ki67
    trained = floor.trained
    installer = fresh_desk.building.who("admin")
    made = MODEL.read_bytes()
    frozen, _ = trained.freeze(installer, "pathology-tumour", "a set", {"f1": "00" * 32})
    own = replace(card(), name="pathology-tumour-own", version="1")
    ref = trained.keep(installer, "pathology-tumour", own, made, frozen, {})
    assert serving.serving(floor, "ki67", ki67) is ki67
    trained.put_in_service(installer, ref.name, ref.version)
    make = serving.serving(floor, "ki67", ki67)
    assert isinstance(make, OwnModel) and make == serving.serving(floor, "ki67", ki67)
    assert make.file is not None and make.file.read_bytes() == made
    assert make.file.stat().st_mode & 0o777 == 0o600
    analysis = make()
    assert isinstance(analysis, Ki67)
    assert serving.reference(floor, "ki67", analysis.version) == ref
    assert serving.reference(floor, "he", "another") is None


def test_only_what_is_signed_leaves_as_dicom(
    fresh_desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scaled(_: Results, __: Any, slide: str) -> ToySlide:
        return ToySlide(fresh_desk.building.floor.slides.keeping.path(fresh_desk.one(slide)))

    monkeypatch.setattr(Results, "picture", scaled)  # a picture that says its scale
    session = Session(fresh_desk.building, "pathologist")
    slide = fresh_desk.ready()
    address = f"/pathology/slides/{slide}"
    for part in ("report.sr", "seg", "nuclei", "overview"):
        assert "Sign it first" in session.get(f"{address}/{part}.dcm", 409).text
    session.post(address, do="propose")
    fresh_desk.building.decide("pathologist", fresh_desk.one(slide).code, "accept")
    assert "DICOM structured report" in session.get(address).text
    raw = session.get(f"{address}/report.sr.dcm").content
    report, said = dcmread(BytesIO(raw)), hd.sr.srread(BytesIO(raw)).content
    (whole,) = said.get_image_measurement_groups()
    spots = [
        one
        for one in said.get_planar_roi_measurement_groups()
        if one.finding_type == dicom_codes.REGIONS["hotspot"][1]
    ]
    indices = [one.get_measurements(name=dicom_codes.KI67) for one in (whole, *spots)]
    assert [len(one) for one in indices] == [1, 1]
    overview = dcmread(BytesIO(session.get(f"{address}/overview.dcm").content))
    assert (report.Modality, report.CompletionFlag) == ("SR", "COMPLETE")
    referred = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert referred.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == overview.SOPInstanceUID
    areas = dcmread(BytesIO(session.get(f"{address}/seg.dcm").content))
    nuclei = dcmread(BytesIO(session.get(f"{address}/nuclei.dcm").content))
    assert (areas.Modality, nuclei.Modality) == ("SEG", "ANN")
    assert sum(one.NumberOfAnnotations for one in nuclei.AnnotationGroupSequence) == 768


def test_a_series_that_another_system_sent_becomes_one_slide(
    fresh_desk: Bench, tmp_path: Path
) -> None:
    floor, store, number = fresh_desk.building.floor, received(fresh_desk.building), fresh()
    sent = [instance(number, one) for one in (1, 2)]
    for one in sent:
        spool = store.spool()
        spool.write(saved(one, tmp_path).read_bytes())
        store.keep(spool, store.read(spool), "system:dicom", "SCANNER")
    series = str(sent[0].SeriesInstanceUID)
    assert arrived(floor, series) == 1
    (kept,) = floor.slides.listing.some(WHOLE, limit=10)
    said = floor.slides.keeping.told(WHOLE, kept.id)
    assert said.hints["accession"] == sent[0].AccessionNumber
    assert arrived(floor, "2.25.1") == 0
