"""The one place where a signature becomes something that may be released.

An import contract lets only ``ground.signoff`` import this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NoReturn

from countersign.kit.json import digest
from countersign.kit.words import Language, Words

from .content import amended_bytes, draft_bytes
from .draft import B, Draft
from .errors import Damaged

_KEY = object()


@dataclass(frozen=True, slots=True)
class Signature:
    """One decision by one licensed person; ``on_behalf_of`` a colleague who was on leave."""

    id: str
    ordinal: int
    signer: str
    licence: str
    licence_kind: str
    decision: str
    signed_at: datetime
    on_behalf_of: str | None = None


class Signed(Generic[B]):
    """A draft that the people its risk class asks for have accepted or amended.

    ``text`` is what was signed: both languages when the draft was accepted unchanged, the
    language the physician wrote in when she amended it. It cannot be changed, copied,
    stored or subclassed; whoever releases it asks ``check`` first.
    """

    __slots__ = ("draft", "first", "second", "signed_sha256", "text")
    draft: Draft[B]
    text: Words | tuple[Language, str]
    signed_sha256: bytes
    first: Signature
    second: Signature | None

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
        for name, value in zip(
            self.__slots__, (draft, first, second, signed_sha256, text), strict=True
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("what was signed does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError("what was signed does not change")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Signed has no other kinds")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a signature is read from the database, not copied")

    @property
    def amended(self) -> bool:
        """Whether the physician changed the text."""
        return self.first.decision == "amended"

    def check(self) -> None:
        """Raises Damaged unless the content has the hash that was signed."""
        drafted = digest(draft_bytes(self.draft.body, self.draft.explanation))
        whole = drafted.hex() == self.draft.head.sha256
        if isinstance(self.text, Words):
            whole = whole and self.text == self.draft.body.text and drafted == self.signed_sha256
        else:
            amended = amended_bytes(self.draft.head.sha256, *self.text)
            whole = whole and digest(amended) == self.signed_sha256
        if not whole or self.amended == isinstance(self.text, Words):
            raise Damaged


def mint(
    draft: Draft[B],
    text: Words | tuple[Language, str],
    signed_sha256: bytes,
    first: Signature,
    second: Signature | None,
) -> Signed[B]:
    """What ``ground.signoff`` calls after it has read the signatures from the database."""
    return Signed(_KEY, draft, text, signed_sha256, first, second)
