"""The use cases of medication safety: check an order, write it, keep the rules."""

from .checking import (
    Medication,
    NotAnswered,
    NothingOrdered,
    OrderAlert,
    OrderIncomplete,
    RulePage,
    Told,
    UnknownRule,
    WrittenAlready,
)
from .writing import RULES, SIGNERS

__all__ = [
    "RULES",
    "SIGNERS",
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
