"""The use cases of records: begin, draft, mend, check, hand over for signing, and measure."""

from .charted import ChartFact
from .content import Content
from .dictating import Dictating
from .files import Files
from .proposing import ROOM, SIGNERS
from .records import Behind, NothingToSign, ProposedBefore, Records, View

__all__ = [
    "ROOM",
    "SIGNERS",
    "Behind",
    "ChartFact",
    "Content",
    "Dictating",
    "Files",
    "NothingToSign",
    "ProposedBefore",
    "Records",
    "View",
]
