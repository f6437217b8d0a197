"""One call trains a network from a folder; the product opens the file and measures with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.kit import graphs
from countersign.rooms.pathology.domain.he_grouping import Grouping, sigmoid
from countersign.rooms.pathology.domain.he_maps import CHANNELS, MPP
from countersign.rooms.pathology.domain.he_nuclei import Rules
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType
from countersign.rooms.pathology.domain.nuclei_scores import counted, matched
from countersign.rooms.pathology.inference.he import HE
from countersign.rooms.pathology.inference.he_network import BadNetwork, HeNetwork
from countersign.rooms.pathology.training.he import NoScale, TooFewPictures, _weighted, train
from countersign.rooms.pathology.training.he_crops import Field
from rooms.pathology.he_slide import PictureSlide, drawn
from trained import ran_apart

PIXEL = np.zeros((1, 1, 3), np.uint8)

LEARN = """
import json, sys
from pathlib import Path
from countersign.rooms.pathology.training import he_crops, he_network
from countersign.rooms.pathology.training.efforts import Effort
from countersign.rooms.pathology.training.he import train

he_crops.CROP = 96
source, out = map(Path, sys.argv[1:])
told = []
measures = train(source, out / "he.onnx", told.append, effort=Effort(150, 4))
card = {**json.loads((out / "he.json").read_text("utf-8")), "types": []}
kindless = he_network.with_card(card, he_network.Graph((out / "he.onnx").read_bytes()))
(out / "kindless.onnx").write_bytes(kindless)
print(json.dumps({"measures": measures, "told": told}))
"""

LITTLE = """
import json, sys
from pathlib import Path
from countersign.rooms.pathology.domain.he_maps import CHANNELS
from countersign.rooms.pathology.training import he_crops, he_eight, he_network
from countersign.rooms.pathology.training.efforts import Effort
from countersign.rooms.pathology.training.he import train
from countersign.rooms.pathology.training.pyramid import Pyramid

he_crops.CROP = 96
source, out = map(Path, sys.argv[1:])
told = []
he_eight.SHOWN, he_eight.COMPARED = 4, 2
for name in ("one", "two"):
    train(source, out / f"{name}.onnx", told.append, effort=Effort(2, 2), seed=7, looks=1)
for name in ("all", "again"):  # the second time it need not learn from the others again
    before = {"also": [out / "others"], "begun": out / "begun.pt", "looks": 1}
    train(source, out / f"{name}.onnx", told.append, held=(), effort=Effort(2, 2), **before)
train(out / "points", out / "points.onnx", told.append, effort=Effort(2, 2), looks=1)
he_eight.ALIKE = 0.0
train(source, out / "wide.onnx", told.append, effort=Effort(2, 2), seed=7, looks=1)

class Former(Pyramid):
    seen = he_network.Network.seen

former = Former(CHANNELS, (32, 48, 64, 96)).eval()
card = {"centre": 0.3}  # it saw as much as its maps show, and so said nothing of it
former = he_network.Graph(he_network.graph(former))
(out / "former.onnx").write_bytes(he_network.with_card(card, former))
raw, other = (he_network.Graph(he_network.graph(he_network.Network().eval())) for _ in "12")
for name, said in {
    "shared": {"share": 0.65},
    "nonsense": {"share": 65},
    "twice": {"looks": 2},
    "four": {"looks": 4},
    "thrice": {"looks": 3},
}.items():
    card = {"bits": 32, "sight": 0.25, **said}
    (out / f"{name}.onnx").write_bytes(he_network.with_card(card, raw))
(out / "other.onnx").write_bytes(he_network.with_card({"bits": 32, "sight": 0.25}, other))
for looks in (2, 4):
    pair = he_network.with_card({"bits": 32, "sight": 0.25, "looks": looks}, raw, other)
    (out / f"pair-{looks}.onnx").write_bytes(pair)
print(json.dumps(told))
"""


def make(folder: Path, pictures: int) -> Path:
    """Drawn pictures with outlines and typed centres, two of a patient."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    rows, patients = ["field,x,y,type"], ["field,patient"]
    for number in range(pictures):
        name = f"p{number}"
        cells = drawn(320, number, cells=25, edge=4)
        cv2.imwrite(str(folder / "images" / f"{name}.png"), cells.image[:, :, ::-1])
        labels = cells.labels.astype(np.uint16)
        cv2.imwrite(str(folder / "labels" / f"{name}_instances.png"), labels)
        for (x, y), kind in zip(cells.points, cells.kinds, strict=True):
            rows.append(f"{name},{x},{y},{NucleusType(int(kind)).name.lower()}")
        patients.append(f"{name},patient{number // 2}")
    (folder / "nuclei.csv").write_text("\n".join(rows), "utf-8")
    (folder / "patients.csv").write_text("\n".join(patients), "utf-8")
    (folder / "set.json").write_text('{"name": "drawn", "licence": "own", "mpp": 0.5}', "utf-8")
    return folder


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Networks that learnt next to nothing."""
    out = tmp_path_factory.mktemp("he")
    source = make(out / "set", 10)
    make(out / "others", 2)
    shutil.rmtree(make(out / "points", 4) / "labels")
    return {"out": out, "told": json.loads(ran_apart(LITTLE, source, out)[-1])}


@pytest.fixture(scope="module")
def learnt(little: dict[str, Any]) -> dict[str, Any]:
    """A pair that learnt to find drawn nuclei, beside those."""
    out: Path = little["out"]
    lines = ran_apart(LEARN, out / "set", out)
    return {"out": out, **json.loads(lines[-1])}


def test_the_same_seed_gives_the_same_network(little: dict[str, Any]) -> None:
    one, two = ((little["out"] / f"{name}.onnx").read_bytes() for name in ("one", "two"))
    assert one == two


def test_it_learns_and_says_how_well_on_whole_patients_held_out(learnt: dict[str, Any]) -> None:
    assert learnt["measures"]["pictures"] == 2
    assert learnt["measures"]["f1"] > 0.6
    assert learnt["measures"]["aji"] > 0.3
    card = json.loads((learnt["out"] / "he.json").read_text("utf-8"))
    assert card["held_out"] == ["p8", "p9"]
    assert card["types"] == ["tumour", "inflammatory", "stromal"]
    assert (card["set"], card["licence"]) == ("drawn", "own")
    assert card["measures"] == learnt["measures"]
    assert "8 pictures to learn from, 0 of others before, 2 held out" in learnt["told"]


def test_it_learns_from_another_folder_before_and_need_not_hold_out(
    little: dict[str, Any],
) -> None:
    assert little["told"].count("10 pictures to learn from, 2 of others before, 0 held out") == 2
    card = json.loads((little["out"] / "all.json").read_text("utf-8"))
    assert card["besides"] == [{"name": "drawn", "licence": "own"}]
    assert card["held_out"] == [] and card["measures"] == {"pictures": 0, "mpp": 0.5}


def test_what_others_taught_is_kept_and_begun_with(little: dict[str, Any]) -> None:
    files = {name: (little["out"] / f"{name}.onnx").read_bytes() for name in ("all", "again")}
    assert files["all"] == files["again"] and (little["out"] / "begun.pt").is_file()
    steps = [line for line in little["told"] if line.startswith("2/2 ")]
    assert len(steps) == 2 + 3 + 1 + 1  # one, two; all twice, again; points; wide


def test_outlined_pictures_are_drawn_three_times_as_often() -> None:
    outlined = Field("outlined", PIXEL, instances=np.zeros((1, 1), np.int32))
    drawn_from = [one.name for one in _weighted([outlined, Field("plain", PIXEL)])]
    assert sorted(drawn_from) == ["outlined", "outlined", "outlined", "plain"]


def test_who_learnt_no_outlines_draws_none(little: dict[str, Any]) -> None:
    network = HeNetwork(little["out"] / "points.onnx")
    seen = np.ascontiguousarray(drawn(256, 3, cells=10).image)
    assert sigmoid(network.maps(seen)[0]).max() < 1e-6
    assert 0.4 <= network.grouping.centre <= 0.7


def test_the_product_measures_a_slide_with_it(learnt: dict[str, Any]) -> None:
    cells = drawn(700, 77, cells=60)
    slide = PictureSlide(cells.image, 0.5)
    analysis = HE(learnt["out"] / "he.onnx")
    plan = analysis.plan(slide)
    assert plan.version == analysis.version != HE().version
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    places = np.stack([nuclei.x, nuclei.y], 1)
    assert counted(matched(cells.points, places), len(places)).f1 > 0.6
    codes = {limit["code"] for limit in analysis.finish(slide, plan, nuclei).limits}
    assert "types-by-rule" not in codes
    assert "tumour-not-learnt" not in codes


def test_who_learnt_no_kinds_leaves_them_to_the_rules(learnt: dict[str, Any]) -> None:
    slide = PictureSlide(drawn(400, 77, cells=40).image, 0.5)
    analysis = HE(learnt["out"] / "kindless.onnx")
    plan = analysis.plan(slide)
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    small_and_round = (nuclei.area <= Rules().small) & (nuclei.type != NucleusType.STROMAL)
    np.testing.assert_array_equal(nuclei.type == NucleusType.INFLAMMATORY, small_and_round)
    assert 0 < small_and_round.sum() < len(nuclei)
    codes = {limit["code"] for limit in analysis.finish(slide, plan, nuclei).limits}
    assert "types-by-rule" in codes and analysis.version.startswith("4+r")


@pytest.mark.parametrize("mpp", [0.25, 0.3])
def test_it_finds_the_same_nuclei_on_a_finer_scan(learnt: dict[str, Any], mpp: float) -> None:
    cells = drawn(round(350 / mpp), 77, mpp=mpp, cells=60)
    slide = PictureSlide(cells.image, mpp)
    analysis = HE(learnt["out"] / "he.onnx")
    plan = analysis.plan(slide)
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    places = np.stack([nuclei.x, nuclei.y], 1) * mpp / MPP
    assert counted(matched(cells.points * mpp / MPP, places), len(places)).f1 > 0.6


@pytest.mark.parametrize("name", ["he", "former"])
def test_a_network_of_the_version_before_still_serves(learnt: dict[str, Any], name: str) -> None:
    seen = drawn(200, 3, cells=10).image
    maps = HeNetwork(learnt["out"] / f"{name}.onnx").maps(np.ascontiguousarray(seen[:128, :192]))
    assert maps.shape == (CHANNELS, 64, 96) and np.isfinite(maps).all()


def test_its_card_says_what_share_of_a_hill_is_a_centre(learnt: dict[str, Any]) -> None:
    out: Path = learnt["out"]
    assert json.loads((out / "he.json").read_text("utf-8"))["share"] == Grouping().centre
    assert HeNetwork(out / "shared.onnx").grouping == Grouping(centre=0.65)
    with pytest.raises(BadNetwork):
        HeNetwork(out / "nonsense.onnx")


@pytest.mark.parametrize(
    ("name", "turned", "mirrored"), [("shared", 0, 0), ("twice", 1, 0), ("four", 1, 1)]
)
def test_who_looks_more_than_once_draws_the_same_from_other_sides(
    little: dict[str, Any], name: str, turned: bool, mirrored: bool
) -> None:
    network = HeNetwork(little["out"] / f"{name}.onnx")
    seen = drawn(256, 3, cells=10).image[96:160, 96:160]
    maps = network.maps(np.ascontiguousarray(seen))
    for down, across, same in ((-1, -1, turned), (1, -1, mirrored), (-1, 1, mirrored)):
        again = network.maps(np.ascontiguousarray(seen[::down, ::across]))[:, ::down, ::across]
        again[2] *= down
        again[3] *= across
        assert np.allclose(maps, again, atol=1e-4) == same
    assert np.abs(maps[2:4]).max() > 0.01


@pytest.mark.parametrize("looks", [2, 4])
def test_two_networks_look_in_turn(little: dict[str, Any], looks: int) -> None:
    """The first as the picture lies, the second at it turned by half; then both at it mirrored."""
    seen = drawn(256, 3, cells=10).image[96:160, 96:160]
    drew = HeNetwork(little["out"] / f"pair-{looks}.onnx").maps(np.ascontiguousarray(seen))
    sides = ((1, 1, "shared"), (-1, -1, "other"), (1, -1, "shared"), (-1, 1, "other"))[:looks]
    each: list[NDArray[np.float32]] = []
    for down, across, name in sides:
        network = HeNetwork(little["out"] / f"{name}.onnx")
        maps = network.maps(np.ascontiguousarray(seen[::down, ::across]))[:, ::down, ::across]
        each.append(maps * np.reshape([1, 1, down, across, *[1] * 5], (-1, 1, 1)))
    np.testing.assert_allclose(drew, np.mean(each, 0), atol=1e-4)
    assert np.abs(each[0] - each[1]).max() > 0.1


def test_the_second_learns_twice_as_long_and_the_card_says_so(learnt: dict[str, Any]) -> None:
    card, alone = (json.loads((learnt["out"] / f"{n}.json").read_text()) for n in ("he", "one"))
    assert (card["steps"], card["second"]["steps"]) == (150, 300)
    assert card["second"]["bits"] == 8 and 0 < card["second"]["rounding"] <= 0.01
    assert "second" not in alone and alone["looks"] == 1
    steps = [line.split()[0] for line in learnt["told"] if line.startswith(("150/150", "300/"))]
    assert steps == ["150/150", "300/300"]


def test_a_last_odd_line_moves_no_look(little: dict[str, Any]) -> None:
    network = HeNetwork(little["out"] / "four.onnx")
    seen = drawn(256, 3, cells=10).image[96:161, 96:161]
    whole, even = (network.maps(np.ascontiguousarray(one)) for one in (seen, seen[:64, :64]))
    np.testing.assert_array_equal(whole, even)


def test_its_card_says_how_often_it_looks(learnt: dict[str, Any]) -> None:
    assert json.loads((learnt["out"] / "he.json").read_text("utf-8"))["looks"] == 2
    with pytest.raises(BadNetwork):
        HeNetwork(learnt["out"] / "thrice.onnx")


def test_eight_bits_draw_where_they_draw_the_same_and_count_exactly(
    learnt: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = np.ascontiguousarray(drawn(256, 3, cells=10).image)
    maps = {}
    for exact in (True, False):
        monkeypatch.setattr(graphs, "exact_in_eight_bits", lambda answer=exact: answer)
        for name in ("he", "wide"):
            maps[name, exact] = sigmoid(HeNetwork(learnt["out"] / f"{name}.onnx").maps(seen)[:2])
    assert 0 < np.abs(maps["he", True] - maps["he", False]).mean() < 0.02
    np.testing.assert_array_equal(maps["wide", True], maps["wide", False])
    eight, wide = (json.loads((learnt["out"] / f"{n}.json").read_text()) for n in ("he", "wide"))
    assert eight["bits"] == 8 and 0 < eight["rounding"] <= 0.01
    assert wide["bits"] == 32 and wide["rounding"] > 0


def test_a_folder_that_does_not_say_its_scale_is_refused(tmp_path: Path) -> None:
    source = make(tmp_path / "set", 2)
    for wrong in ("{}", '{"mpp": 0}', '{"mpp": "wide"}', "not json", "[]"):
        (source / "set.json").write_text(wrong, "utf-8")
        with pytest.raises(NoScale):
            train(source, tmp_path / "he.onnx", print)
    (source / "set.json").unlink()
    with pytest.raises(NoScale):
        train(source, tmp_path / "he.onnx", print)


def test_one_patient_alone_cannot_be_learnt_from(tmp_path: Path) -> None:
    with pytest.raises(TooFewPictures):
        train(make(tmp_path / "set", 2), tmp_path / "he.onnx", print)
