"""The hospital's own knowledge: documents, their versions and passages, and who may see them."""

from .bringing import Brought
from .card import KINDS, STATES, Card, Shelved, Source
from .cases import (
    BUILD,
    LONGEST_NAME,
    BadCollection,
    CaseCollections,
    Collection,
    Entry,
    UnknownCollection,
    WrongState,
)
from .consulting import VERDICTS, Feedback, Open
from .drugs import Drugs
from .encoder import Encoder
from .errors import BrokenEncoder, BrokenPassages
from .finding import Answer, Found, Unanswered
from .index import Filling, Index, Search
from .keeping import LIBRARIAN, READ
from .library import Library
from .looking import Engines
from .meaning import Meaning
from .passage import Hit, Passage
from .permission import AUDIENCES, EVERYWHERE, HOSPITAL, Permission
from .quotes import Quote, Standing, check_quote, quote_of, sha256_of
from .ranking import PLAIN
from .refusals import (
    BadDocument,
    DocumentChanged,
    NoPageImage,
    NothingToPublish,
    NotTheReviewer,
    SourceTooLarge,
    UnknownDocument,
    WrongWay,
)
from .relevance import supports
from .rows import Change, Text, Version
from .searcher import Searcher
from .support import Fault, Support, check_sentence
from .synonyms import Synonyms
from .understanding import MEDIA, NOTES, OUTCOMES, Block, Bounds, PageSpan, Piece, Understood

__all__ = [
    "BUILD",
    "BadCollection",
    "CaseCollections",
    "Collection",
    "Entry",
    "LONGEST_NAME",
    "UnknownCollection",
    "WrongState",
    "PLAIN",
    "sha256_of",
    "quote_of",
    "check_sentence",
    "check_quote",
    "Synonyms",
    "Support",
    "Standing",
    "Quote",
    "Meaning",
    "Fault",
    "Engines",
    "Encoder",
    "Drugs",
    "BrokenPassages",
    "BrokenEncoder",
    "AUDIENCES",
    "Answer",
    "BadDocument",
    "Block",
    "Bounds",
    "Brought",
    "Card",
    "Change",
    "DocumentChanged",
    "EVERYWHERE",
    "Feedback",
    "Filling",
    "Found",
    "HOSPITAL",
    "Hit",
    "Index",
    "KINDS",
    "LIBRARIAN",
    "Library",
    "MEDIA",
    "NOTES",
    "NoPageImage",
    "NotTheReviewer",
    "NothingToPublish",
    "OUTCOMES",
    "Open",
    "PageSpan",
    "Passage",
    "Permission",
    "Piece",
    "READ",
    "STATES",
    "Search",
    "Searcher",
    "Shelved",
    "Source",
    "SourceTooLarge",
    "Text",
    "UnknownDocument",
    "Unanswered",
    "Understood",
    "VERDICTS",
    "Version",
    "WrongWay",
    "supports",
]
