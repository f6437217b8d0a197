"""What leaves as DICOM, opened with readers nobody here wrote: pydicom, DCMTK, dciodvfy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes as standard
from wsidicom import WsiDicom

from building import Building
from countersign.ground.db import Database
from countersign.rooms.pathology.domain.measured import Region, Ring
from countersign.rooms.pathology.service import dicom_codes
from countersign.rooms.pathology.service.dicom import (
    MOST_OUTLINES,
    Answer,
    Figure,
    points,
    report,
    segmentation,
    written,
)
from countersign.rooms.pathology.service.dicom_masks import area
from countersign.rooms.pathology.service.dicom_overview import overview
from countersign.rooms.pathology.service.dicom_source import (
    NoSource,
    Source,
    Subject,
    source_among,
)
from dicoms import dcmtk, slide
from rooms.pathology.dicom_stage import Painted, answer, square

SUBJECT = Subject("4711", "王^小明", "19500506", "M", "P26-100", "P26-100-A1")
AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def given(building: Building) -> Answer:
    return answer(building)


@pytest.fixture
def source() -> Source:
    return Source(slide(), 1.0)


def opened(made: Any, folder: Path) -> tuple[Path, pydicom.Dataset]:
    path = folder / f"{made.Modality}.dcm"
    path.write_bytes(written(made))
    return path, pydicom.dcmread(path)


def violations(path: Path) -> list[str]:
    """What dciodvfy, the validator of dicom3tools, calls an error.

    Its version of 2022 says of every 2D annotation that an attribute which is not there would be
    for 3D only.
    """
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    return [line for line in lines if "<CommonZCoordinateValue> = <>" not in line]


def test_the_report_says_what_was_signed(given: Answer, source: Source, tmp_path: Path) -> None:
    path, made = opened(report(given, source), tmp_path)
    assert made.VerificationFlag == "VERIFIED" and made.CompletionFlag == "COMPLETE"
    assert str(made.VerifyingObserverSequence[0].VerifyingObserverName) == "Li^Hua"
    assert made.PatientID == "4711" and made.StudyInstanceUID == source.image.StudyInstanceUID
    evidence = made.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source.image.SOPInstanceUID
    text = dcmtk("dsrdump", "+Pc", path)
    assert '(29593-1,LN,"Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain")' in text
    assert '"23.5" (%,UCUM,"Percent")' in text and '"41' in text and '"1234' in text
    assert "Whole slide" in text and "Invasive edge" in text and "Li^Hua" in text
    assert violations(path) == []


def test_outlines_lie_where_they_lie_on_the_slide(given: Answer, source: Source) -> None:
    read = hd.sr.srread(BytesIO(written(report(given, source))))
    groups = read.content.get_planar_roi_measurement_groups()
    assert len(groups) == 3
    tumour = groups[0]
    assert tumour.finding_type == standard.SCT.Neoplasm
    place = hd.spatial.ReferenceToImageTransformer(
        source.origin, source.orientation, source.spacing
    )
    corners = place(tumour.roi.value)[:, :2]
    assert np.allclose(corners[0], (16, 16), atol=0.01)
    assert np.allclose(corners.max(axis=0), (80, 80), atol=0.01)
    (size,) = [one for one in tumour.get_measurements() if one.name == standard.SCT.Area]
    assert size.value == pytest.approx((64**2 - 16**2) * 0.0005**2)
    assert [float(one.value) for one in groups[1].get_measurements()][1] == 41.0


def test_each_index_is_in_the_group_of_its_region(
    given: Answer, source: Source, tmp_path: Path
) -> None:
    regions = (*(square("tumour", x, 0, 4) for x in range(300)), *given.regions[1:])
    path, _ = opened(
        report(replace(given, regions=regions, figures=moved(given)), source), tmp_path
    )
    groups = dcmtk("dsrdump", "+Pc", path).split("Measurement Group")[1:]
    said = ['"Whole slide"', '"hotspot"', '"Invasive edge"']
    (whole,), (hot,), (drawn,) = ([one for one in groups if word in one] for word in said)
    assert '"23.5"' in whole and '"41' not in whole and '"7' not in whole
    assert '"41' in hot and "SCOORD3D" in hot and '"23.5"' not in hot
    assert '"7.25"' in drawn and '"41' not in drawn
    read = hd.sr.srread(path)
    (slide,) = read.content.get_image_measurement_groups()
    assert [float(one.value) for one in slide.get_measurements(name=dicom_codes.KI67)] == [23.5]
    outlined = read.content.get_planar_roi_measurement_groups()
    ki67 = [
        float(one.value)
        for group in outlined
        for one in group.get_measurements(name=dicom_codes.KI67)
    ]
    assert ki67 == [41.0, 7.25] and len(outlined) == MOST_OUTLINES


def moved(given: Answer) -> tuple[Figure, ...]:
    """The figures, with one of the drawn region, where 300 tumour regions stand before it."""
    drawn = Figure("ki67-region", "Ki-67 index in a region", 7.25, "%", region=301)
    return (*(replace(one, region=one.region and 300) for one in given.figures), drawn)


def test_the_area_of_an_outline_that_crosses_itself_is_what_nuclei_count_in(source: Source) -> None:
    eight = np.array([[0, 0], [100, 100], [100, 0], [0, 100]], np.float32)
    found = area(source, Region("drawn", Ring(eight)))
    assert found == pytest.approx(5000 * source.square_mm, rel=2e-3)
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = (500 + 300 * np.stack([np.cos(angles), np.sin(angles)], 1)).astype(np.float32)
    thin = [[0, 0], [100_000, 0], [100_000, 40], [60, 40], [60, 60_000], [0, 60_000]]
    arms = area(source, Region("drawn", Ring(np.array(thin, np.float32))))
    assert arms == pytest.approx((100_000 * 40 + 60 * 59_960) * source.square_mm)
    exact = 200 / 2 * 300**2 * np.sin(2 * np.pi / 200)
    assert area(source, Region("drawn", Ring(ring))) == pytest.approx(
        exact * source.square_mm, rel=1e-5
    )


def test_the_segmentation_is_the_regions(given: Answer, source: Source, tmp_path: Path) -> None:
    made = segmentation(given, source)
    assert made is not None
    path, plain = opened(made, tmp_path)
    assert plain.SegmentationType == "BINARY" and "PATIENT" not in str(plain.ImageType)
    read = hd.seg.segread(path)
    whole = read.get_total_pixel_matrix()[:, :, :]
    tissue, tumour = whole[..., 0], whole[..., 1]
    assert tumour.shape == (128, 192)
    assert tumour[20, 20] == 1 and tumour[40, 40] == 0 and tumour[10, 10] == 0
    assert abs(int(tumour.sum()) - (64**2 - 16**2)) <= 2 * (4 * 64 + 4 * 16)
    assert tissue.sum() >= 128 * 128 - 600 and tissue[:, 140:].sum() == 0
    kinds = [one.SegmentLabel for one in plain.SegmentSequence]
    assert kinds == ["tissue", "tumour"]
    assert "SegmentationStorage" in dcmtk("dcmdump", "+P", "0008,0016", path)
    assert violations(path) == []


def test_each_nucleus_is_a_point(given: Answer, source: Source, tmp_path: Path) -> None:
    made = points(given, source)
    assert made is not None
    path, plain = opened(made, tmp_path)
    groups = plain.AnnotationGroupSequence
    assert [one.AnnotationGroupLabel for one in groups] == ["untyped", "tumour", "inflammatory"]
    assert sum(one.NumberOfAnnotations for one in groups) == 300
    read = hd.ann.annread(path)
    (places,) = [one.get_graphic_data("2D") for one in read.get_annotation_groups()[:1]]
    assert all("CommonZCoordinateValue" not in one for one in groups)
    assert np.allclose(places[0][0], (given.nuclei.x[0], given.nuclei.y[0]))
    assert violations(path) == []


def test_names_of_the_pictures_own_letters_leave_in_utf_8(given: Answer, tmp_path: Path) -> None:
    image = slide(SpecificCharacterSet="GB18030", PatientName="王^小明")
    image.save_as(tmp_path / "image.dcm", enforce_file_format=True)
    read = pydicom.dcmread(tmp_path / "image.dcm")
    read.decode()
    for make in (report, segmentation, points):
        made = make(replace(given, hospital="县人民医院"), Source(read, 1.0))
        assert made is not None
        _, plain = opened(made, tmp_path)
        assert plain.PatientName == "王^小明" and plain.SpecificCharacterSet == "ISO_IR 192"
    _, plain = opened(report(replace(given, hospital="县人民医院"), Source(read, 1.0)), tmp_path)
    assert plain.InstitutionName == "县人民医院"


def test_the_same_signature_gives_the_same_objects(given: Answer, source: Source) -> None:
    assert written(report(given, source)) == written(report(given, source))
    first, again = segmentation(given, source), segmentation(given, source)
    assert first is not None and again is not None and written(first) == written(again)


def test_only_what_is_signed_leaves(building: Building) -> None:
    draft = building.drafted()
    assert building.signoff.reading.signed(draft) is None
    with pytest.raises(AttributeError):
        answer(building, signed=building.signoff.reading.signed(draft))


def test_nothing_to_draw_is_no_object(building: Building, source: Source) -> None:
    from countersign.rooms.pathology.domain.measured import Nuclei

    bare = answer(building, regions=(), nuclei=Nuclei.none())
    assert segmentation(bare, source) is None and points(bare, source) is None
    assert report(bare, source).SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"


def test_a_slide_of_no_dicom_gets_an_overview(given: Answer, tmp_path: Path) -> None:
    made = overview(Painted(), SUBJECT, "slide-7", AT)
    path = tmp_path / "overview.dcm"
    path.write_bytes(written(made.image))
    with WsiDicom.open(path) as read:
        assert (read.size.width, read.size.height) == (3000, 2000)
        assert read.read_region((10, 10), 0, (4, 4)).getpixel((0, 0))[2] == pytest.approx(
            120, abs=9
        )
    assert violations(path) == []
    for one in (report(given, made), segmentation(given, made)):
        assert one is not None
        file, plain = opened(one, tmp_path)
        assert plain.PatientName == "王^小明" and violations(file) == []
    blind = Painted()
    blind.mpp = None
    with pytest.raises(NoSource):
        overview(blind, SUBJECT, "slide-7", AT)


def test_of_a_pyramid_a_fitting_level_is_taken() -> None:
    fine, middle = slide(1, 1, tiles=(16, 16)), slide(1, 2, tiles=(4, 4))
    label = slide(1, 3, tiles=(1, 1), ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"])
    chosen = source_among([label, middle, fine], most=100_000)
    assert chosen.image is middle and chosen.downsample == 4.0
    assert source_among([fine], most=10).image is fine
    with pytest.raises(NoSource):
        source_among([label], most=10)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (dicom_codes.REGIONS["tumour"][1], standard.SCT.Neoplasm),
        (dicom_codes.REGIONS["necrosis"][1], standard.SCT.Necrosis),
        (dicom_codes.REGIONS["tissue"][1], standard.SCT.Tissue),
        (dicom_codes.ABNORMAL, standard.SCT.MorphologicallyAbnormalStructure),
        (dicom_codes.ANATOMY, standard.SCT.AnatomicalStructure),
        (dicom_codes.NUCLEUS, standard.SCT.Nucleus),
        (dicom_codes.AREA, standard.SCT.Area),
        (dicom_codes.WHOLE_SLIDE_IMAGING, standard.DCM.WholeSlideImaging),
        (dicom_codes.MEASUREMENT_REPORT, standard.DCM.ImagingMeasurementReport),
        (dicom_codes.LEARNT, standard.DCM.ArtificialIntelligence),
        (dicom_codes.PERCENT, standard.UCUM.Percent),
        (dicom_codes.SQUARE_MM, standard.UCUM.SquareMillimeter),
        (dicom_codes.SQUARE_UM, standard.UCUM.SquareMicrometer),
        (dicom_codes.ONE, standard.UCUM.NoUnits),
    ],
)
def test_codes_are_those_of_the_standard(mine: Any, theirs: Any) -> None:
    assert mine == theirs and mine.meaning.lower() == theirs.meaning.lower()
