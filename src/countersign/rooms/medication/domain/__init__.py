"""The rules of medication safety and how an order is checked by them; no input and no output."""

from .check import Alert, Checked, check
from .drugs import Named
from .fatigue import LEAST, NOBODY, Use, unheeded
from .order import FREQUENCIES, ROUTES, UNITS, Order, milligrams
from .pack import BadRule, Change, Pack, changed, pack, read_rule
from .patient import Patient, Problem, Taken, Value
from .reading import ordered, read
from .request import Ordered, request
from .rule import KINDS, Kind, Level, Rule, Source
from .trial import Tried, scene, tried

__all__ = [
    "FREQUENCIES",
    "KINDS",
    "LEAST",
    "NOBODY",
    "ROUTES",
    "UNITS",
    "Alert",
    "BadRule",
    "Change",
    "Checked",
    "Kind",
    "Level",
    "Named",
    "Order",
    "Ordered",
    "Pack",
    "Patient",
    "Problem",
    "Rule",
    "Source",
    "Taken",
    "Tried",
    "Use",
    "Value",
    "changed",
    "check",
    "milligrams",
    "ordered",
    "pack",
    "read",
    "read_rule",
    "request",
    "scene",
    "tried",
    "unheeded",
]
