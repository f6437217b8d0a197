"""Pages, forms, languages and sign-in: what every room stands on when it faces a person."""

from .assets import Assets, Linked, built
from .difference import Piece, difference
from .drawing import drawn
from .errors import (
    ForgedRequest,
    NoSuchPage,
    NotSignedIn,
    RefusedRequest,
    RequestTooLarge,
    UnfitRequest,
    UnknownHost,
    WrongMethod,
)
from .floor import Floor
from .formats import Formats
from .hooks import (
    Hook,
    HookAnswer,
    HookCall,
    HookCard,
    HookHandler,
    HookName,
    Suggestion,
)
from .http import SharedAddress, UnguardedPage, actions_of, build_http, make_pages
from .languages import TwoTranslations
from .manifest import Manifest
from .navigation import Navigation, NavItem
from .observing import Seen
from .pages import Pages, with_query
from .problems import wants_page
from .sessions import SignedIn, guarded, local_path, signed_in
from .site import Site
from .smart import SharedWith, SmartAddresses, smart_addresses
from .transcribing import SpeechRefused, Transcribing, UnfitRecording, recording_of
from .visiting import Visit, Visiting
from .vocabulary import named, step

__all__ = [
    "Assets",
    "Floor",
    "ForgedRequest",
    "Formats",
    "Hook",
    "HookAnswer",
    "HookCall",
    "HookCard",
    "HookHandler",
    "HookName",
    "Suggestion",
    "Linked",
    "Manifest",
    "NavItem",
    "Navigation",
    "NoSuchPage",
    "NotSignedIn",
    "Pages",
    "Piece",
    "RefusedRequest",
    "RequestTooLarge",
    "Seen",
    "SharedAddress",
    "SharedWith",
    "SignedIn",
    "Site",
    "SmartAddresses",
    "SpeechRefused",
    "Transcribing",
    "TwoTranslations",
    "UnfitRecording",
    "UnfitRequest",
    "UnguardedPage",
    "UnknownHost",
    "Visit",
    "Visiting",
    "WrongMethod",
    "actions_of",
    "build_http",
    "built",
    "difference",
    "drawn",
    "guarded",
    "local_path",
    "make_pages",
    "named",
    "recording_of",
    "signed_in",
    "smart_addresses",
    "step",
    "wants_page",
    "with_query",
]
