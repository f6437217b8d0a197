"""The hospital's own documents: what is found in them, word for word, by those who may see it."""

from .drugs import Drugs
from .passage import Hit, Passage
from .quotes import Quote, Standing, check_quote, quote_of, sha256_of
from .searcher import Searcher
from .support import Fault, Support, check_sentence

__all__ = [
    "Drugs",
    "Fault",
    "Hit",
    "Passage",
    "Quote",
    "Searcher",
    "Standing",
    "Support",
    "check_quote",
    "check_sentence",
    "quote_of",
    "sha256_of",
]
