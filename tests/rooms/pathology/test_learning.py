"""Learning from a folder: what is frozen is never learnt from, and nothing serves by itself."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from building import INSTALLER, Building
from countersign.app.pathology_commands import LooksOfNuclei, train
from countersign.ground.db import Database
from countersign.ground.imaging import SlideDamaged
from countersign.ground.models import FrozenSetChanged, FrozenSetGone, side_by_side
from countersign.rooms.pathology.domain.measured import NucleusType
from countersign.rooms.pathology.service.learning import (
    KINDS,
    LabelledSet,
    Learning,
    NoTrainingExtra,
    NotTrained,
)
from countersign.rooms.pathology.service.own_slides import NothingToLearnFrom, own_fields
from countersign.rooms.pathology.training.folders import (
    BadLabels,
    OneClass,
    TooFewPatients,
    chosen,
    fields_of,
    files_hash,
    part,
    scales,
)
from countersign.rooms.pathology.training.own import FIELD, SignedSlide, write_own
from rooms.pathology.dicom_stage import Painted, nuclei, square

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


def labelled(folder: Path, count: int = 20, patients: int = 10, name: str = "a set") -> Path:
    """A folder of ``count`` small fields of ``patients`` patients."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    rows = []
    for number in range(count):
        field = f"f{number:02}"
        picture = np.full((8, 8, 3), number, np.uint8)
        cv2.imwrite(str(folder / "images" / f"{field}.png"), picture)
        cv2.imwrite(str(folder / "labels" / f"{field}_instances.png"), picture[..., 0])
        rows.append({"field": field, "patient": f"p{number % patients}"})
    with (folder / "patients.csv").open("w", newline="") as opened:
        writer = csv.DictWriter(opened, ("field", "patient"))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "nuclei.csv").write_text(
        "field,x,y,type\n" + "".join(f"{row['field']},1,1,tumour\n" for row in rows)
    )
    (folder / "set.json").write_text(json.dumps({"name": name, "licence": "none", "mpp": 0.5}))
    return folder


def learn(building: Building, folder: Path, kind: str = "nuclei", *also: Path) -> Any:
    learning = Learning(building.floor, process=STAND_IN)
    besides = [LabelledSet.of(one) for one in also]
    return learning.learn(INSTALLER, kind, LabelledSet.of(folder), also=besides)


def test_what_is_frozen_stays_whole_patients_and_out_of_the_lesson(tmp_path: Path) -> None:
    folder = labelled(tmp_path / "set")
    fields = fields_of(folder)
    frozen = chosen(folder, fields)
    patients = {int(name[1:]) % 10 for name in frozen}
    assert len(frozen) == 4 and len(patients) == 2
    part(folder, tmp_path / "lesson", fields.keys() - frozen.keys())
    part(folder, tmp_path / "frozen", frozen.keys())
    for name, count in (("lesson", 16), ("frozen", 4)):
        images = {one.stem for one in (tmp_path / name / "images").iterdir()}
        labels = {one.stem for one in (tmp_path / name / "labels").iterdir()}
        rows = (tmp_path / name / "nuclei.csv").read_text().splitlines()[1:]
        assert len(images) == len(labels) == len(rows) == count
        assert (images == frozen.keys()) is (name == "frozen")
        assert {row.partition(",")[0] for row in rows} == images


def test_other_folders_are_learnt_from_besides_never_what_is_frozen(
    building: Building, tmp_path: Path
) -> None:
    own = labelled(tmp_path / "own", name="has others beside it")
    other = labelled(tmp_path / "other", 30, name="from elsewhere")  # 20 are the very same
    made = learn(building, own, "nuclei", other)
    assert made.report["new"] == {"model": 16 + 26, "frozen": 4}
    card = next(one.card for one in building.floor.registry.all() if one.ref == made.ref)
    assert [one.name.en for one in card.data] == ["has others beside it", "from elsewhere"]


def test_a_version_is_made_compared_and_not_put_in_service(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", name="grows")
    first = learn(building, folder)
    assert first.report["new"] == {"model": 16, "frozen": 4}
    assert first.report["now"] == {"model": 0, "frozen": 4}
    assert not first.in_service and building.floor.trained.in_service(first.work) is None
    registered = {one.ref: one.card for one in building.floor.registry.all()}
    card = registered[first.ref]
    assert card.data[0].licence == "none" and card.data[0].name.en == "grows"
    building.floor.trained.put_in_service(building.who("admin"), first.ref.name, first.ref.version)
    for number in (30, 31, 32):
        picture = np.full((8, 8, 3), number, np.uint8)
        cv2.imwrite(str(folder / "images" / f"g{number}.png"), picture)
    second = learn(building, folder)
    assert second.frozen == first.frozen
    assert second.report["new"] == {"model": 19, "frozen": 4}
    assert second.report["now"] == {"model": 16, "frozen": 4}
    assert building.floor.trained.in_service(first.work) == first.ref


def test_a_patient_of_the_frozen_set_is_never_learnt_from(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", 22, 11, name="comes back")
    learn(building, folder)
    with (folder / "patients.csv").open("a", newline="") as opened:
        for number in range(11):  # one more field of each patient
            picture = np.full((8, 8, 3), 40 + number, np.uint8)
            cv2.imwrite(str(folder / "images" / f"h{number}.png"), picture)
            csv.writer(opened).writerow((f"h{number}", f"p{number}"))
    assert learn(building, folder).report["new"] == {"model": 18 + 9, "frozen": 4}
    # Nor where all that is frozen of a patient is gone, from the tables too.
    frozen = building.floor.trained.frozen("pathology-nuclei", "comes back")
    assert frozen is not None
    with (folder / "patients.csv").open(newline="") as opened:
        head, *rows = list(csv.reader(opened))
    one = next(patient for name, patient in rows if name in frozen.fields)
    gone = {name for name, patient in rows if patient == one and name in frozen.fields}
    for name in gone:
        (folder / "images" / f"{name}.png").unlink()
    with (folder / "patients.csv").open("w", newline="") as opened:
        left = [row for row in rows if row[0] not in gone]
        csv.writer(opened).writerows([head, *left, ("n1", "p-new")])
    cv2.imwrite(str(folder / "images" / "n1.png"), np.full((8, 8, 3), 77, np.uint8))
    assert learn(building, folder).report["new"] == {"model": 18 + 9 + 1, "frozen": 4 - len(gone)}


def test_a_changed_frozen_field_ends_the_comparing(building: Building, tmp_path: Path) -> None:
    folder = labelled(tmp_path / "set", 30, name="changes")
    made = learn(building, folder)
    name = next(iter(chosen(folder, fields_of(folder))))
    (folder / "labels" / f"{name}_instances.png").write_bytes(b"other")
    with pytest.raises(FrozenSetChanged, match=name):
        learn(building, folder)
    assert made.report["fields"] == 30


def relabelled(folder: Path, table: str, old: str, new: str) -> None:
    text = (folder / table).read_text()
    assert old in text
    (folder / table).write_text(text.replace(old, new))


def test_another_label_of_a_frozen_field_is_another_field(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", 26, 13, name="relabelled")
    name = min(chosen(folder, fields_of(folder)))
    (folder / "fields.csv").write_text(f"field,patient,grade,mpp\n{name},p,benign,0.5\n")
    learn(building, folder)
    changes = (
        ("nuclei.csv", f"{name},1,1,tumour", f"{name},1,1,other"),
        ("fields.csv", "benign", "malignant"),
    )
    for table, old, new in changes:
        relabelled(folder, table, old, new)
        with pytest.raises(FrozenSetChanged, match=name):
            learn(building, folder)
        relabelled(folder, table, new, old)
    packed = gzip.compress((folder / "nuclei.csv").read_bytes())  # the same rows in another file
    (folder / "nuclei.csv").unlink()
    (folder / "nuclei.csv.gz").write_bytes(packed)
    assert learn(building, folder).report["frozen_gone"] == 0


def test_a_set_that_was_frozen_by_its_files_alone_stands(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", 28, 14, name="of old")
    fields = fields_of(folder)
    old = {name: files_hash(said) for name, said in chosen(folder, fields).items()}
    frozen, _ = building.floor.trained.freeze(INSTALLER, "pathology-nuclei", "of old", old)
    other = labelled(tmp_path / "other", 28, name="labelled by others")
    relabelled(other, "nuclei.csv", ",tumour", ",other")
    made = learn(building, folder, "nuclei", other)
    assert made.frozen == frozen.id
    # What is frozen is not learnt from in another folder either, whatever that says of it.
    assert made.report["new"] == {"model": 2 * (28 - len(old)), "frozen": len(old)}
    name = min(old)
    (folder / "images" / f"{name}.png").write_bytes(b"other")
    with pytest.raises(FrozenSetChanged, match=name):
        learn(building, folder)


def test_frozen_fields_that_are_gone_bar_no_later_training(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", 36, 12, name="refusals")
    first = learn(building, folder)
    assert first.report["new"] == {"model": 30, "frozen": 6} and first.report["frozen_gone"] == 0
    gone, *rest = sorted(chosen(folder, fields_of(folder)))
    for kind in ("images", "labels"):
        for file in (folder / kind).glob(f"{gone}*"):
            file.unlink()
    cv2.imwrite(str(folder / "images" / "n1.png"), np.full((8, 8, 3), 77, np.uint8))
    second = learn(building, folder)
    assert second.report["new"] == {"model": 31, "frozen": 5}
    assert (second.report["frozen_fields"], second.report["frozen_gone"]) == (5, 1)
    assert second.frozen == first.frozen
    # The second was not judged on all that the first was.
    assert side_by_side(second, first) == side_by_side(second, None) != side_by_side(first, None)
    for name in rest:
        (folder / "images" / f"{name}.png").unlink()
    with pytest.raises(FrozenSetGone):
        learn(building, folder)


def test_what_goes_wrong_is_said(building: Building, tmp_path: Path) -> None:
    with pytest.raises(BadLabels):
        learn(building, labelled(tmp_path / "few", 3))
    with pytest.raises(NotTrained, match="bad number"):
        learn(building, labelled(tmp_path / "four", 5, 5, name="four"))
    with pytest.raises(NoTrainingExtra):
        learn(building, labelled(tmp_path / "five", 6, 6, name="five"))


def test_too_few_patients_freeze_nothing(building: Building, tmp_path: Path) -> None:
    trained = building.floor.trained
    few = (("nuclei", 1), ("tumour", 1), ("glands", 1), ("glands", 2))
    for number, (kind, patients) in enumerate(few):
        folder = labelled(tmp_path / str(number), 6, patients, name=f"few {number}")
        with pytest.raises(TooFewPatients) as said:
            learn(building, folder, kind)
        assert said.value.details["least"] == (2 if kind == "glands" else 1)
        assert trained.frozen(f"pathology-{kind}", f"few {number}") is None
    enough = labelled(tmp_path / "enough", 12, 2, name="enough")
    assert learn(building, enough).report["new"] == {"model": 6, "frozen": 6}
    (tmp_path / "none").mkdir()
    part(enough, tmp_path / "none", set())
    assert list((tmp_path / "none" / "images").iterdir()) == []


def test_both_kinds_of_nuclei_are_needed_in_the_lesson_and_the_frozen_set(
    building: Building, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "set", 14, 7, name="one class")
    frozen = chosen(folder, fields_of(folder))
    text = (folder / "nuclei.csv").read_text()
    others = "".join(f"f{number:02},2,2,other\n" for number in range(14))
    within = [line for line in others.splitlines(keepends=True) if line[:3] in frozen]
    without = [line for line in others.splitlines(keepends=True) if line[:3] not in frozen]
    for more in ([], within, without):
        (folder / "nuclei.csv").write_text(text + "".join(more) + "f00,3,3,untyped\n")
        with pytest.raises(OneClass, match=f"and {len(frozen) if more is within else 0} in the"):
            learn(building, folder, "tumour")
        assert building.floor.trained.frozen("pathology-tumour", "one class") is None
    (folder / "nuclei.csv").write_text(text + others)
    assert learn(building, folder, "tumour").report["new"]["frozen"] == len(frozen)


def test_corrections_become_labelled_fields_that_name_nobody(tmp_path: Path) -> None:
    found = nuclei()
    flips = {0: True, 1: False, 2: True}
    signed = SignedSlide("slide-9", "patient-4711", Painted(), found, flips)
    blind = Painted()
    blind.mpp = None
    unknown = SignedSlide("slide-8", "patient-4712", blind, found, flips)
    left_out = Counter[str]()
    assert write_own("tumour", [signed, unknown], tmp_path / "own", left_out) == 1
    assert left_out == {"unscaled": 1}
    (image,) = (tmp_path / "own" / "images").iterdir()
    read = cv2.imread(str(image), cv2.IMREAD_COLOR_RGB)
    assert read is not None and read.shape == (FIELD, FIELD, 3)
    assert tuple(read[5, 5]) == (150, 60, 120)
    text = (tmp_path / "own" / "nuclei.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(found) and [row["type"] for row in rows[:5]] == [
        "tumour",
        "other",
        "tumour",
        "untyped",
        "tumour",
    ]
    everything = "".join(one.read_text() for one in (tmp_path / "own").glob("*.*"))
    assert "4711" not in everything and "slide-9" not in everything
    again = tmp_path / "again"
    write_own("tumour", [signed], again)
    (same,) = (again / "images").iterdir()
    assert same.name == image.name and same.read_bytes() == image.read_bytes()


def test_slides_of_several_scanners_are_learnt_from_whichever_comes_first(tmp_path: Path) -> None:
    class Broken(Painted):
        def region(self, *_: Any) -> Any:
            raise SlideDamaged

    fine, broken = Painted(), Broken()
    fine.mpp = (0.2208, 0.2208)
    both = [
        SignedSlide("slide-1", "patient-1", Painted(), nuclei(), {0: True}),
        SignedSlide("slide-2", "patient-2", fine, nuclei(), {0: False}),
    ]
    lost = SignedSlide("slide-3", "patient-3", broken, nuclei(), {0: False})
    tables: list[list[str]] = []
    for number, order in enumerate((both, both[::-1])):
        own, left_out = tmp_path / str(number), Counter[str]()
        assert write_own("tumour", [*order, lost], own, left_out) == 2
        assert left_out == {"gone": 1}
        assert sorted(scales(own).values()) == [0.2208, 0.5]
        tables.append(sorted((own / "fields.csv").read_text().splitlines()))
    assert tables[0] == tables[1]


def test_kinds_of_cells_are_learnt_from_and_stand_above_flips(tmp_path: Path) -> None:
    found = nuclei()
    types = {1: int(NucleusType.EPITHELIAL), 2: int(NucleusType.INFLAMMATORY)}
    signed = SignedSlide("slide-9", "patient-4711", Painted(), found, {2: True}, types=types)
    assert write_own("nuclei", [signed], tmp_path / "own") == 1
    rows = list(csv.DictReader((tmp_path / "own" / "nuclei.csv").read_text().splitlines()))
    assert [row["type"] for row in rows[:4]] == [
        "untyped",
        "epithelial",
        "inflammatory",
        "untyped",
    ]


def test_what_lies_outside_a_drawn_tumour_teaches_only_where_it_was_corrected(
    tmp_path: Path,
) -> None:
    found = nuclei()
    region = square("tumour", 0, 0, 60, drawn_by="person:p1")
    flips = {int(found.x.argmax()): True}
    signed = SignedSlide("slide-9", "patient-4711", Painted(), found, flips, (region,))
    write_own("tumour", [signed], tmp_path / "own")
    rows = list(csv.DictReader((tmp_path / "own" / "nuclei.csv").read_text().splitlines()))
    within = (found.x < 60) & (found.y < 60)
    for at, row in enumerate(rows):
        known = NucleusType(int(found.type[at])).name.lower() if within[at] else "untyped"
        assert row["type"] == ("tumour" if at in flips else known)


def test_glands_have_no_corrections_to_be_learnt_from(building: Building, tmp_path: Path) -> None:
    with pytest.raises(NothingToLearnFrom):
        own_fields(building.floor, "glands", tmp_path / "own")


def test_redrawn_glands_become_masks(tmp_path: Path) -> None:
    drawn = (square("gland", 1100, 100, 50, drawn_by="person:p1"), square("tumour", 0, 0, 9))
    signed = SignedSlide("slide-9", "patient-4711", Painted(), nuclei(), {}, drawn)
    assert write_own("glands", [signed], tmp_path / "own") == 1
    (mask,) = (tmp_path / "own" / "masks").iterdir()
    read = cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE)
    assert read is not None and read[120, 1120 - FIELD] == 255 and read[10, 10] == 0
    (row,) = csv.DictReader((tmp_path / "own" / "fields.csv").read_text().splitlines())
    assert row["mpp"] == "0.5" and row["field"] == mask.stem


def test_the_command_knows_every_kind() -> None:
    said = CliRunner().invoke(train, ["pathology", "--help"]).output
    assert all(kind in said for kind in KINDS)
    wrong = CliRunner().invoke(train, ["pathology", "tumour"])
    assert wrong.exit_code != 0


def test_only_nuclei_are_looked_at_more_than_once() -> None:
    wrong = CliRunner().invoke(train, ["pathology", "glands", "--own", "--looks", "2"])
    assert isinstance(wrong.exception, LooksOfNuclei)
