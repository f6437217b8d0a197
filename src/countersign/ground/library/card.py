"""What is known of a document beside its text, in the words of the curator."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal, cast

from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Words

from .permission import EVERYWHERE, HOSPITAL, Permission
from .refusals import BadDocument

KINDS: Final[dict[str, Words]] = {
    "guideline": Words("Guideline", "指南"),
    "protocol": Words("Protocol of the house", "院内规程"),
    "leaflet": Words("Leaflet", "宣教资料"),
    "formulary": Words("Formulary", "药品目录"),
    "case": Words("Clinical case", "病例"),
    "other": Words("Other", "其他"),
}
STATES: Final[dict[str, Words]] = {
    "draft": Words("Not published", "未发布"),
    "published": Words("Published", "已发布"),
    "withdrawn": Words("Withdrawn", "已撤回"),
    "expired": Words("Expired", "已过期"),
}
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Source:
    """A published work that a document summarises or is; ``cite`` as it is cited."""

    id: str
    cite: str


@dataclass(frozen=True, slots=True)
class Card:
    """``home`` is the department whose document it is, or EVERYWHERE; ``language`` zh or en.

    ``owner`` and ``reviewer`` are identifiers of persons. ``topic`` is the same for documents
    about the same thing, such as the two languages of one text; ``level`` is the strength of
    evidence in the words of the source.
    """

    title: str
    language: Literal["zh", "en"] = "zh"
    kind: str = "guideline"
    home: str = EVERYWHERE
    permission: Permission = HOSPITAL
    owner: str = ""
    reviewer: str | None = None
    review_due: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    file: str = ""
    region: str = ""
    topic: str = ""
    level: str = ""
    written: str = ""
    icd10: tuple[str, ...] = ()
    sources: tuple[Source, ...] = field(default=())

    def checked(self) -> Card:
        """Itself. Raises BadDocument."""
        if not self.title.strip() or len(self.title) > LONGEST:
            raise BadDocument(field="title")
        if self.kind not in KINDS:
            raise BadDocument(field="kind")
        if self.language not in ("zh", "en"):
            raise BadDocument(field="language")
        if not self.owner:
            raise BadDocument(field="owner")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise BadDocument(field="valid_until")
        for name in ("file", "region", "topic", "level", "written"):
            if len(str(getattr(self, name))) > LONGEST:
                raise BadDocument(field=name)
        return self

    def sealed(self) -> bytes:
        """What of it no table shows, as it is sealed."""
        said: JSON = {
            "title": self.title.strip(),
            "file": self.file,
            "region": self.region,
            "topic": self.topic,
            "level": self.level,
            "written": self.written,
            "icd10": list(self.icd10),
            "sources": [[one.id, one.cite] for one in self.sources],
        }
        return encode(said)

    def with_front(self, front: dict[str, object]) -> Card:
        """Itself with what the front matter of its file says, as far as that is usable."""
        language = front.get("language")
        kind = _text(front, "kind")
        return replace(
            self,
            title=_text(front, "title") or self.title,
            language=language if language in ("zh", "en") else self.language,
            kind=kind if kind in KINDS else self.kind,
            topic=_text(front, "id") or self.topic,
            region=_text(front, "region") or self.region,
            level=_text(front, "level") or self.level,
            written=_text(front, "written") or self.written,
            icd10=tuple(str(one)[:16] for one in _list(front, "icd10"))[:50] or self.icd10,
            sources=tuple(_sources(front))[:50] or self.sources,
        )


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document as its last change left it. ``change`` orders all changes of the library."""

    id: str
    change: int
    number: int
    state: str
    version: str | None
    card: Card
    reviewed_at: datetime | None
    at: datetime

    @property
    def reviewed(self) -> bool:
        """Whether a named person has reviewed what readers find."""
        return self.reviewed_at is not None

    def valid(self, day: date) -> bool:
        """Whether readers find it on this day."""
        began = self.card.valid_from is None or self.card.valid_from <= day
        over = self.card.valid_until is not None and self.card.valid_until < day
        return self.state == "published" and began and not over


def read_card(row: Any, opened: bytes) -> Card:
    """The card of a row of ``library.change`` or ``library.current`` and its opened box."""
    said = cast("dict[str, Any]", decode(opened))
    return Card(
        title=said["title"],
        language=row["language"],
        kind=row["kind"],
        home=row["home"],
        permission=Permission(row["audience"], frozenset(row["departments"])),
        owner=row["owner"],
        reviewer=row["reviewer"],
        review_due=row["review_due"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        file=said["file"],
        region=said["region"],
        topic=said["topic"],
        level=said["level"],
        written=said["written"],
        icd10=tuple(said["icd10"]),
        sources=tuple(Source(*one) for one in said["sources"]),
    )


def _text(front: dict[str, object], name: str) -> str:
    value = front.get(name)
    return str(value).strip()[:LONGEST] if isinstance(value, str | int) else ""


def _list(front: dict[str, object], name: str) -> list[object]:
    value = front.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []


def _sources(front: dict[str, object]) -> list[Source]:
    found: list[Source] = []
    for one in _list(front, "sources"):
        if isinstance(one, dict):
            given = cast("dict[str, object]", one)
            if isinstance(given.get("cite"), str):
                found.append(Source(str(given.get("id", ""))[:64], str(given["cite"])[:1000]))
    return found
