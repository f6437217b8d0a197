"""What drugs are called, in English and Chinese, by substance, brand and code: words, no rules."""

from .names import (
    SUBSTANCES,
    Substance,
    is_local,
    substance_of_rxnorm,
    substances_in,
    substances_of_atc,
    without_names,
)

__all__ = [
    "SUBSTANCES",
    "Substance",
    "is_local",
    "substance_of_rxnorm",
    "substances_in",
    "substances_of_atc",
    "without_names",
]
