"""The use cases of records: begin, draft, mend, check, hand over for signing, and measure."""

from .content import Content
from .files import Files
from .proposing import ROOM, SIGNERS
from .records import ChartFact, NothingToSign, ProposedBefore, Records, View

__all__ = [
    "ROOM",
    "SIGNERS",
    "ChartFact",
    "Content",
    "Files",
    "NothingToSign",
    "ProposedBefore",
    "Records",
    "View",
]
