"""The hospital's own knowledge: documents, their versions and passages, and who may see them."""

from .aids import KINDS as AID_KINDS
from .aids import STATES as AID_STATES
from .aids import Aid, Aids, SearchAids
from .applying import (
    Applying,
    Fact,
    Gathered,
    Person,
    about_a_problem,
    facts_of,
    fits,
    gathered,
    in_one_language,
    meaning_of,
    of_the_text,
    person_of,
    question_of,
)
from .binding import Bound, Claim, bind, claims_of
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
from .errors import AidAway, BrokenEncoder, BrokenNames, BrokenPassages
from .finding import Answer, Found, Unanswered
from .folders import REASONS, NotTaken
from .index import Filling, Index, Search
from .keeping import LIBRARIAN, READ
from .library import Library
from .looking import Engines, Looked
from .meaning import Meaning
from .pairs import Pair, answered, read_pairs
from .passage import Hit, Passage
from .permission import AUDIENCES, EVERYWHERE, HOSPITAL, Permission
from .precedents import Precedents
from .quotes import Quote, Standing, check_quote, quote_of, sha256_of
from .ranking import PLAIN
from .refusals import (
    BadDocument,
    DocumentChanged,
    FolderNamed,
    FolderOutside,
    FolderWatched,
    NoPageImage,
    NoRoot,
    NothingToPublish,
    NotTheReviewer,
    SourceTooLarge,
    UnknownDocument,
    UnknownWatch,
    WrongWay,
)
from .relevance import share_of, supports
from .rows import Change, Text, Version
from .searcher import Searcher
from .servers import ModelServer
from .support import Fault, Support, check_sentence
from .synonyms import Synonyms
from .understanding import MEDIA, NOTES, OUTCOMES, Block, Bounds, PageSpan, Piece, Understood
from .watches import LOOKS, Terms, Watch
from .watching import SHARED
from .writing import Resting, Writing, Written

__all__ = [
    "AID_KINDS",
    "AID_STATES",
    "AUDIENCES",
    "Aid",
    "AidAway",
    "Aids",
    "Answer",
    "Applying",
    "BUILD",
    "BadCollection",
    "BadDocument",
    "Block",
    "Bound",
    "Bounds",
    "BrokenEncoder",
    "BrokenNames",
    "BrokenPassages",
    "Brought",
    "Card",
    "CaseCollections",
    "Change",
    "Claim",
    "Collection",
    "DocumentChanged",
    "Drugs",
    "EVERYWHERE",
    "Encoder",
    "Engines",
    "Entry",
    "Fact",
    "Fault",
    "Feedback",
    "Filling",
    "FolderNamed",
    "FolderOutside",
    "FolderWatched",
    "Found",
    "Gathered",
    "HOSPITAL",
    "Hit",
    "Index",
    "KINDS",
    "LIBRARIAN",
    "LONGEST_NAME",
    "LOOKS",
    "Library",
    "Looked",
    "MEDIA",
    "Meaning",
    "ModelServer",
    "NOTES",
    "NoPageImage",
    "NoRoot",
    "NotTaken",
    "NotTheReviewer",
    "NothingToPublish",
    "OUTCOMES",
    "Open",
    "PLAIN",
    "PageSpan",
    "Pair",
    "Passage",
    "Permission",
    "Person",
    "Piece",
    "Precedents",
    "Quote",
    "READ",
    "REASONS",
    "Resting",
    "SHARED",
    "STATES",
    "Search",
    "SearchAids",
    "Searcher",
    "Shelved",
    "Source",
    "SourceTooLarge",
    "Standing",
    "Support",
    "Synonyms",
    "Terms",
    "Text",
    "Unanswered",
    "Understood",
    "UnknownCollection",
    "UnknownDocument",
    "UnknownWatch",
    "VERDICTS",
    "Version",
    "Watch",
    "Writing",
    "Written",
    "WrongState",
    "WrongWay",
    "about_a_problem",
    "bind",
    "check_quote",
    "check_sentence",
    "claims_of",
    "facts_of",
    "fits",
    "gathered",
    "in_one_language",
    "meaning_of",
    "of_the_text",
    "person_of",
    "question_of",
    "quote_of",
    "sha256_of",
    "share_of",
    "supports",
    "answered",
    "read_pairs",
]
