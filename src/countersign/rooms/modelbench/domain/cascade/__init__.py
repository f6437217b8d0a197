"""The cheapest rung that is sure enough answers; what none is sure of is passed upwards."""

from .calibration import Calibration, Method, calibration_error, fit, fitted, isotonic
from .hashing import PARTING, Floats, Ints, bags
from .linear import Linear, hard, softmax, train
from .rules import Rules, proposed
from .rungs import NEVER, Answers, Routed, right, route
from .thresholds import SAFETY, Choice, choose
from .verdict import FEWEST, MARGIN, Difference, difference

__all__ = [
    "FEWEST",
    "MARGIN",
    "NEVER",
    "PARTING",
    "SAFETY",
    "Answers",
    "Calibration",
    "Choice",
    "Difference",
    "Floats",
    "Ints",
    "Linear",
    "Method",
    "Routed",
    "Rules",
    "bags",
    "calibration_error",
    "choose",
    "difference",
    "fit",
    "fitted",
    "hard",
    "isotonic",
    "proposed",
    "right",
    "route",
    "softmax",
    "train",
]
