"""Training learns, gives the same network again, and the product answers as the network did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.gland_pixels import Floats
from countersign.rooms.pathology.domain.measured import Tile
from countersign.rooms.pathology.inference.gland import GlandNetwork, glands_of
from rooms.pathology.drawn import Drawn, Picture
from trained import ran_apart

STEPS = 40

TRAIN = """
import sys
from pathlib import Path
import numpy as np
from countersign.rooms.pathology.domain.gland_pixels import prepared
from countersign.rooms.pathology.training import gland_network as network
from countersign.rooms.pathology.training.gland_fields import labelled
from countersign.rooms.pathology.training.glands import fields_of, train

network.BATCH, network.CROP = 4, 96
source, out, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
told = []
card = train(source, out, lambda what, share: told.append((what, share)), steps)
assert told[-1] == ("learning", 1.0)
fields = labelled(source)
first, again = (network.learn(fields_of(fields), 3, 3) for _ in range(2))
pixels = prepared(fields[0].pixels)
one, other = (network.outlined(each, pixels) for each in (first, again))
further = network.outlined(network.learn(fields_of(fields), 3, 2, start=first), pixels)
graph = np.frombuffer(network.graph(first), np.uint8)
np.savez(out / "compared.npz", one=one, other=other, further=further, graph=graph)
"""


def field(seed: int, malignant: bool) -> tuple[Picture, np.ndarray]:
    """Discs on a pink ground: pale ones benign, dark ones malignant; 1.24 µm a pixel."""
    chance = np.random.default_rng(seed)
    picture = np.full((128, 160, 3), (225, 150, 190), np.uint8)
    mask = np.zeros((128, 160), np.uint8)
    colour = (80, 40, 120) if malignant else (190, 180, 230)
    for x, y in ((35, 35), (110, 40), (50, 95), (125, 100)):
        cv2.circle(
            mask, (x + int(chance.integers(-9, 9)), y), int(chance.integers(17, 26)), 255, -1
        )
    picture[mask > 0] = colour
    noisy = picture + chance.normal(0, 6, picture.shape)
    return noisy.clip(0, 255).astype(np.uint8), mask


def labelled(folder: Path) -> Path:
    """Eight fields of four patients, as a hospital lays them out."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    lines = ["field,patient,grade"]
    for seed in range(8):
        picture, mask = field(seed, seed % 2 == 1)
        cv2.imwrite(str(folder / "images" / f"f{seed}.png"), picture[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"f{seed}.png"), mask)
        lines.append(f"f{seed},p{seed // 2},{'malignant' if seed % 2 else 'benign'}")
    (folder / "fields.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = labelled(tmp_path_factory.mktemp("fields"))
    out = tmp_path_factory.mktemp("out")
    ran_apart(TRAIN, source, out, STEPS)
    return out


def test_the_card_says_what_was_learnt_and_how_well(trained: Path) -> None:
    card: dict[str, Any] = json.loads((trained / "card.json").read_text("utf-8"))
    assert (card["fields"], card["patients"], card["held_back_patients"]) == (8, 4, 1)
    assert card["dice"] > 0.7
    assert 0 <= card["grade_accuracy"] <= 1
    assert len(card["digest"]) == 64


def test_the_same_seed_gives_the_same_network_and_more_steps_another(trained: Path) -> None:
    with np.load(trained / "compared.npz") as held:
        np.testing.assert_array_equal(held["one"], held["other"])
        assert np.abs(held["one"] - held["further"]).max() > 1e-3


def test_the_product_answers_as_the_network_did(trained: Path) -> None:
    with np.load(trained / "compared.npz") as held:
        theirs, graph = held["one"], held["graph"].tobytes()
    # From the PNG, which keeps every pixel.
    ours = GlandNetwork(graph).probabilities(field(0, False)[0])
    assert ours.shape == theirs.shape == (2, 128, 160)
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


class Dark:
    """In place of a network: what is dark is a gland, and darker ones look malignant."""

    def probabilities(self, pixels: Picture, strength: Floats | None = None) -> Floats:
        del strength
        dark = 1 - pixels.mean(axis=2).astype(np.float32) / 255
        return np.stack([(dark > 0.3).astype(np.float32), dark])


@pytest.mark.parametrize("side", [400, 200, 100])
def test_glands_of_a_slide_are_outlined_once_whatever_the_tiles(side: int) -> None:
    ground = np.full((400, 400, 3), 240, np.uint8)
    for at in ((90, 100), (200, 210), (310, 120), (100, 330)):
        cv2.circle(ground, at, 40, (90, 60, 130), -1)
    tiles = [(x, y) for y in range(0, 400, side) for x in range(0, 400, side)]
    found = [
        one
        for at, (x, y) in enumerate(tiles)
        for one in glands_of(Drawn(ground, 1.24), 1.24, Tile(at, x, y, side, side, 0), Dark())
    ]
    assert len(found) == 4
    assert [one.area for one in found] == pytest.approx([np.pi * (40 * 1.24) ** 2] * 4, rel=0.05)
    middles = sorted(one.region.outline.points.mean(axis=0).round(-1).tolist() for one in found)
    assert middles == [[90, 100], [100, 330], [200, 210], [310, 120]]


def test_the_shipped_network_finds_drawn_glands_by_their_epithelium() -> None:
    network = GlandNetwork.of()
    picture, mask = field(2, True)
    gland, malignant = network.probabilities(picture)
    assert gland.shape == malignant.shape == mask.shape
    assert float(gland[mask > 0].mean()) > float(gland[mask == 0].mean())
