"""What a file says: its text with headings, tables and pages, read where it can do no harm."""

from .bounded import Bounds, page_image, read_apart
from .cutting import cut
from .formats import MEDIA, media_of
from .normal import language as language_of
from .ocr import engine as ocr_engine
from .reading import read
from .understood import Block, PageSpan, Piece, Understood, decoded, encoded
from .unreadable import NOTES, OUTCOMES, NotUnderstood

__all__ = [
    "Block",
    "Bounds",
    "MEDIA",
    "NOTES",
    "OUTCOMES",
    "PageSpan",
    "Piece",
    "Understood",
    "NotUnderstood",
    "cut",
    "decoded",
    "encoded",
    "language_of",
    "media_of",
    "ocr_engine",
    "page_image",
    "read",
    "read_apart",
]
