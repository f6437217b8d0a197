"""The eye that training begins with sees as it did where it learnt, and the pyramid draws maps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trained import ran_apart

LOOK = """
import json, sys
import torch
from torch.nn import functional
from countersign.rooms.pathology.training import lite0
from countersign.rooms.pathology.training.gland_network import Practised
from countersign.rooms.pathology.training.he_network import Network
from countersign.rooms.pathology.training.pyramid import GENTLY, paces

torch.manual_seed(0)
eye = lite0.experienced().eval()
across = torch.linspace(-1, 1, 64)
told = {"floors": [], "maps": [], "rates": []}
with torch.inference_mode():
    for floor in eye(across[None, None, :, None].expand(1, 3, 64, 64)):
        told["floors"].append(list(floor.shape))
    asymmetric = torch.zeros((1, 1, 8, 8)); asymmetric[0, 0, 7, 7] = 1
    layer = lite0._Padded(1, 1, 3, 2, bias=False)
    layer.weight.fill_(1.0)
    told["corner"] = layer(asymmetric)[0, 0].tolist()
    for network in (Practised(), Network()):
        told["maps"].append(list(network.eval()(torch.rand(2, 3, 64, 96)).shape))
groups, rates = paces(Network(), 0.01)
told["rates"] = rates
told["all"] = sum(len(one["params"]) for one in groups) == len(list(Network().parameters()))
lite0.PACKAGE = "no_such_package"
try:
    lite0.experienced()
except lite0.NoExperience as why:
    told["missing"] = why.code
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    lines = ran_apart(LOOK)
    return json.loads(lines[-1])


def test_the_eye_sees_on_five_floors(seen: dict[str, Any]) -> None:
    assert [one[1:] for one in seen["floors"]] == [
        [16, 32, 32],
        [24, 16, 16],
        [40, 8, 8],
        [112, 4, 4],
        [192, 2, 2],
    ]


def test_a_stride_of_two_looks_farther_to_the_far_side(seen: dict[str, Any]) -> None:
    # Where the weights were learnt, an even side was padded by nothing before and one behind.
    assert seen["corner"] == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]


def test_one_draws_as_it_sees_and_one_that_sees_finer_half_of_that(seen: dict[str, Any]) -> None:
    assert seen["maps"] == [[2, 2, 64, 96], [2, 9, 32, 48]]


def test_all_weights_learn_and_those_of_the_eye_more_gently(seen: dict[str, Any]) -> None:
    assert seen["rates"] == pytest.approx([0.01, 0.003])
    assert seen["all"] is True


def test_missing_weights_are_said_to_be_missing(seen: dict[str, Any]) -> None:
    assert seen["missing"] == "pathology.no-photographs"
