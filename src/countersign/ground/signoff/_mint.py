"""The one place where a signature becomes something that may be released.

An import contract lets only ``ground.signoff`` import this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from countersign.kit.words import Language, Words

from .draft import B, Draft

_KEY = object()


@dataclass(frozen=True, slots=True)
class Signature:
    """One decision by one licensed person."""

    id: str
    ordinal: int
    signer: str
    licence: str
    licence_kind: str
    decision: str
    signed_at: datetime


class Signed(Generic[B]):
    """A draft that the people its risk class asks for have accepted or amended.

    ``text`` is what was signed: both languages when the draft was accepted unchanged, the
    language the physician wrote in when she amended it.
    """

    __slots__ = ("draft", "first", "second", "signed_sha256", "text")

    def __init__(
        self,
        key: object,
        draft: Draft[B],
        text: Words | tuple[Language, str],
        signed_sha256: bytes,
        first: Signature,
        second: Signature | None,
    ) -> None:
        if key is not _KEY:
            raise TypeError("only a signature makes Signed")
        self.draft = draft
        self.text = text
        self.signed_sha256 = signed_sha256
        self.first = first
        self.second = second

    @property
    def amended(self) -> bool:
        """Whether the physician changed the text."""
        return self.first.decision == "amended"


def mint(
    draft: Draft[B],
    text: Words | tuple[Language, str],
    signed_sha256: bytes,
    first: Signature,
    second: Signature | None,
) -> Signed[B]:
    """What ``ground.signoff`` calls after it has read the signatures from the database."""
    return Signed(_KEY, draft, text, signed_sha256, first, second)
