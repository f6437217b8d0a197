"""The library's tables: reads documents, versions and texts for a scope, and adds changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool, Scope
from countersign.ground.vault import Sealed, Vault

from .card import Card, Shelved, read_card
from .passage import Passage
from .refusals import (
    BadDocument,
    DocumentChanged,
    NothingToPublish,
    NotTheReviewer,
    UnknownDocument,
    WrongWay,
)
from .sources import Sealing, subject
from .understanding import NotUnderstood, Piece, Understood

REFUSALS: Final = {
    "CSL01": DocumentChanged,
    "CSL02": WrongWay,
    "CSL04": WrongWay,
    "CSL05": NothingToPublish,
    "CSL06": NotTheReviewer,
}
"""What the database answers to a change that may not be (migration 0020)."""


class ReadBefore(Exception):
    """Somebody else wrote down what was read of this version."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version; ``outcome`` is None until it was read. ``shown`` once readers found it."""

    id: str
    document: str
    number: int
    bytes: int
    sha256: str
    actor: str
    at: datetime
    outcome: str | None
    characters: int
    pages: int
    passages: int
    notes: tuple[str, ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a document's history."""

    number: int
    act: str
    state: str
    version: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """What a version says, with its passages; ``sha256`` (hex) is that of the text in UTF-8."""

    version: str
    understood: Understood
    pieces: tuple[Piece, ...]
    sha256: str

    def passages(self, document: str, reach: str) -> list[Passage]:
        """As they are searched."""
        text = self.understood.text
        return [
            Passage(
                id=f"{self.version}.{ordinal}",
                document=document,
                version=self.version,
                ordinal=ordinal,
                start=one.start,
                end=one.end,
                text=text[one.start : one.end],
                headings=one.headings,
                page=one.page,
                language=one.language,
                reach=reach,
            )
            for ordinal, one in enumerate(self.pieces)
        ]


class _Kept(msgspec.Struct, array_like=True):
    """A text as it is sealed."""

    understood: Understood
    pieces: tuple[Piece, ...]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Kept)


class Rows:
    """``pool`` logs in as DbRole.LIBRARY; every look names a scope."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self.pool = pool
        self.vault = vault

    def within(self, scope: Scope) -> Pool:
        return self.pool.within(scope)

    def one(self, scope: Scope, document: str) -> Shelved:
        """Raises UnknownDocument for what is not there or not to be seen."""
        rows = self.within(scope).rows(_CURRENT + " where c.document = %s", (document,))
        if not rows:
            raise UnknownDocument
        return self._shelved(rows)[0]

    def all(self, scope: Scope, state: str | None = None) -> list[Shelved]:
        """Everything within the scope, or what is in one state, by title."""
        rows = self.within(scope).rows(
            _CURRENT + " where %(state)s::text is null or c.state = %(state)s", {"state": state}
        )
        found = self._shelved(rows)
        return sorted(found, key=lambda one: (one.card.title, one.id))

    def past(self, scope: Scope, today: date) -> list[Shelved]:
        """What is published although its time is over."""
        rows = self.within(scope).rows(
            _CURRENT + " where c.state = 'published' and c.valid_until < %s", (today,)
        )
        return self._shelved(rows)

    def some(self, scope: Scope, documents: Iterable[str]) -> dict[str, Shelved]:
        """Those of these documents that are within the scope."""
        rows = self.within(scope).rows(
            _CURRENT + " where c.document = any(%s)", (sorted(set(documents)),)
        )
        return {one.id: one for one in self._shelved(rows)}

    def after(self, scope: Scope, change: int) -> list[Shelved]:
        """What changed after that change, in order."""
        rows = self.within(scope).rows(
            _CURRENT + " where c.change > %s order by c.change", (change,)
        )
        return self._shelved(rows)

    def reaches(self, scope: Scope) -> frozenset[str]:
        """Every reach that a document has which readers were ever shown."""
        rows = self.within(scope).rows(
            "select distinct reach from library.current where version is not null"
        )
        return frozenset(row["reach"] for row in rows)

    def versions(self, scope: Scope, document: str) -> list[Version]:
        """The newest first."""
        rows = self.within(scope).rows(
            _VERSIONS + " where v.document = %s order by v.number desc", (document,)
        )
        return [_version(row) for row in rows]

    def version(self, scope: Scope, version: str) -> Version:
        """Raises UnknownDocument."""
        rows = self.within(scope).rows(_VERSIONS + " where v.id = %s", (version,))
        if not rows:
            raise UnknownDocument
        return _version(rows[0])

    def history(self, scope: Scope, document: str) -> list[Change]:
        """The newest first."""
        rows = self.within(scope).rows(
            "select number, act, state, version, actor, at from library.change"
            " where document = %s order by number desc",
            (document,),
        )
        return [Change(**row) for row in rows]

    def text(self, scope: Scope, version: str) -> Text:
        """Raises UnknownDocument for what has no text or is not to be seen, NotUnderstood."""
        found = self.texts(scope, [version])
        if version not in found:
            raise UnknownDocument
        return found[version]

    def texts(self, scope: Scope, versions: Sequence[str]) -> dict[str, Text]:
        """Those of these versions that have a text within the scope."""
        rows = self.within(scope).rows(
            "select t.version, v.document, t.sha256, t.suite, t.key_id, t.box"
            " from library.text t join library.version v on v.id = t.version"
            " where t.version = any(%s) and t.outcome = 'read'",
            (list(versions),),
        )
        self.vault.prefetch(subject(row["document"]) for row in rows)
        found: dict[str, Text] = {}
        for row in rows:
            box = Sealed(row["suite"], row["key_id"], row["box"])
            raw = self.vault.open(subject(row["document"]), box, f"library/text/{row['version']}")
            kept = _decoder.decode(raw)
            found[row["version"]] = Text(
                row["version"], kept.understood, kept.pieces, bytes(row["sha256"]).hex()
            )
        return found

    def add_version(
        self,
        connection: Connection[DictRow],
        sealing: Sealing,
        names: tuple[str, str, int],
        source: Iterable[bytes],
        actor: str,
    ) -> None:
        """Writes the source and the version of it; ``names`` are document, version and number.

        Raises SourceTooLarge, and BadDocument for an empty file.
        """
        document, version, number = names
        sealing.write(connection, source)
        if sealing.bytes == 0:
            raise BadDocument(field="file")
        box = sealing.key.sealed
        connection.execute(
            "insert into library.version (id, document, number, bytes, sha256, actor, suite,"
            " key_id, box) values (%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            (
                version,
                document,
                number,
                sealing.bytes,
                sealing.sha256,
                actor,
                box.suite,
                box.key_id,
                box.box,
            ),
        )

    def add_text(
        self,
        connection: Connection[DictRow],
        version: tuple[str, str],
        understood: Understood | NotUnderstood,
        pieces: Sequence[Piece],
    ) -> str:
        """Writes what was understood of (document, version), or why nothing was.

        Returns the SHA-256 of the text, or "". Raises ReadBefore; a reader that is about to
        write the same version is waited for.
        """
        document, identifier = version
        read = isinstance(understood, Understood)
        raw = _encoder.encode(_Kept(understood, tuple(pieces))) if read else b""
        box = self.vault.seal(subject(document), raw, f"library/text/{identifier}")
        digest = sha256(understood.text.encode()).digest() if read else None
        added = connection.execute(
            "insert into library.text (version, outcome, sha256, characters, pages, passages,"
            " notes, suite, key_id, box) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"
            " on conflict (version) do nothing",
            (
                identifier,
                "read" if read else understood.outcome,
                digest,
                len(understood.text) if read else 0,
                len(understood.pages) if read else 0,
                len(pieces),
                list(understood.notes) if read else [],
                box.suite,
                box.key_id,
                box.box,
            ),
        )
        if not added.rowcount:
            raise ReadBefore
        return digest.hex() if digest else ""

    def add_change(
        self, connection: Connection[DictRow], change: Shelved, act: str, actor: str
    ) -> None:
        """Adds the next line of a document's history.

        Raises DocumentChanged, WrongWay, NothingToPublish, NotTheReviewer, BadDocument.
        """
        card = change.card.checked()
        place = f"library/change/{change.id}/{change.number}"
        box = self.vault.seal(subject(change.id), card.sealed(), place)
        try:
            connection.execute(
                _ADD, {**_columns(change, card), **_sealed(box), "act": act, "actor": actor}
            )
        except psycopg.DatabaseError as problem:
            if problem.sqlstate in REFUSALS:
                raise REFUSALS[problem.sqlstate] from None
            raise

    def _shelved(self, rows: Sequence[DictRow]) -> list[Shelved]:
        self.vault.prefetch(subject(row["document"]) for row in rows)
        found: list[Shelved] = []
        for row in rows:
            box = Sealed(row["suite"], row["key_id"], row["box"])
            place = f"library/change/{row['document']}/{row['number']}"
            card = read_card(row, self.vault.open(subject(row["document"]), box, place))
            found.append(
                Shelved(
                    row["document"],
                    row["change"],
                    row["number"],
                    row["state"],
                    row["version"],
                    card,
                    row["reviewed_at"],
                    row["at"],
                )
            )
        return found


def _version(row: DictRow) -> Version:
    return Version(
        id=row["id"],
        document=row["document"],
        number=row["number"],
        bytes=row["bytes"],
        sha256=bytes(row["sha256"]).hex(),
        actor=row["actor"],
        at=row["at"],
        outcome=row["outcome"],
        characters=row["characters"] or 0,
        pages=row["pages"] or 0,
        passages=row["passages"] or 0,
        notes=tuple(row["notes"] or ()),
        shown=row["shown"],
    )


def _columns(change: Shelved, card: Card) -> dict[str, object]:
    return {
        "document": change.id,
        "number": change.number,
        "state": change.state,
        "version": change.version,
        "kind": card.kind,
        "home": card.home,
        "audience": card.permission.audience,
        "departments": sorted(card.permission.departments),
        "reach": card.permission.reach,
        "language": card.language,
        "valid_from": card.valid_from,
        "valid_until": card.valid_until,
        "owner": card.owner,
        "reviewer": card.reviewer,
        "reviewed_at": change.reviewed_at,
        "review_due": card.review_due,
    }


def _sealed(box: Sealed) -> dict[str, object]:
    return {"suite": box.suite, "key_id": box.key_id, "box": box.box}


_CURRENT: Final = (
    "select c.*, h.suite, h.key_id, h.box from library.current c"
    " join library.change h on h.document = c.document and h.number = c.number"
)
_VERSIONS: Final = (
    "select v.id, v.document, v.number, v.bytes, v.sha256, v.actor, v.at, t.outcome,"
    " t.characters, t.pages, t.passages, t.notes,"
    " exists (select from library.shown s where s.version = v.id) as shown"
    " from library.version v left join library.text t on t.version = v.id"
)
_ADD: Final = (
    "insert into library.change (document, number, act, state, version, kind, home, audience,"
    " departments, reach, language, valid_from, valid_until, owner, reviewer, reviewed_at,"
    " review_due, actor, suite, key_id, box) values (%(document)s, %(number)s, %(act)s, %(state)s,"
    " %(version)s, %(kind)s, %(home)s, %(audience)s, %(departments)s, %(reach)s, %(language)s,"
    " %(valid_from)s, %(valid_until)s, %(owner)s, %(reviewer)s, %(reviewed_at)s, %(review_due)s,"
    " %(actor)s, %(suite)s, %(key_id)s, %(box)s)"
)
