"""Reads the files of this room: medical sets, prompts, data sheets, prices, arrivals."""

from .arrivals import BadArrivals, arrival_times, shipped_arrivals
from .planning import architectures, hardware, published
from .prices import BadPrices, prices_of, shipped_prices
from .prompts import PromptFile, prompt_file
from .sets import FoundSet, SetFolder, UnusableSet

__all__ = [
    "BadArrivals",
    "BadPrices",
    "FoundSet",
    "PromptFile",
    "SetFolder",
    "UnusableSet",
    "architectures",
    "arrival_times",
    "hardware",
    "prices_of",
    "prompt_file",
    "published",
    "shipped_arrivals",
    "shipped_prices",
]
