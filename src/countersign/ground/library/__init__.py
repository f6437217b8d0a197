"""The hospital's own documents: what is found in them, word for word, by those who may see it."""

from .drugs import Drugs
from .encoder import Encoder
from .errors import BrokenEncoder, BrokenPassages
from .looking import Engines
from .meaning import Meaning
from .passage import Hit, Passage
from .precedents import Precedents
from .quotes import Quote, Standing, check_quote, quote_of, sha256_of
from .ranking import PLAIN
from .searcher import Searcher
from .support import Fault, Support, check_sentence
from .synonyms import Synonyms

__all__ = [
    "PLAIN",
    "BrokenEncoder",
    "BrokenPassages",
    "Drugs",
    "Encoder",
    "Engines",
    "Fault",
    "Hit",
    "Meaning",
    "Passage",
    "Precedents",
    "Quote",
    "Searcher",
    "Standing",
    "Support",
    "Synonyms",
    "check_quote",
    "check_sentence",
    "quote_of",
    "sha256_of",
]
