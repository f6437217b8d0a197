"""The use cases of medication safety: check an order, write it, keep the rules."""

from .checking import (
    Medication,
    NotAnswered,
    NothingOrdered,
    OrderAlert,
    OrderIncomplete,
    RulePage,
    UnknownRule,
    WrittenAlready,
)
from .content import Told
from .signing import AtSigning
from .writing import ORDER, RULES, SIGNERS

__all__ = [
    "ORDER",
    "RULES",
    "SIGNERS",
    "AtSigning",
    "Medication",
    "NotAnswered",
    "NothingOrdered",
    "OrderAlert",
    "OrderIncomplete",
    "RulePage",
    "Told",
    "UnknownRule",
    "WrittenAlready",
]
