"""What a reader does with documents: open them, look at a page, say what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, LedgerUnavailable
from countersign.ground.vault import Sealed
from countersign.kit.ids import NewId
from countersign.kit.words import Words

from .card import Shelved
from .helped import Helped
from .passage import Passage
from .permission import keeper_scope, reader_scope
from .quotes import Quote, Standing, check_quote
from .refusals import BadDocument, NoPageImage, UnknownDocument
from .rows import Rows, Text, Version
from .sources import opened_source, subject
from .understanding import NotUnderstood, page_image

VERDICTS: Final[Mapping[str, Words]] = {
    "helpful": Words("Helpful", "有帮助"),
    "outdated": Words("Outdated", "已过时"),
    "wrong": Words("Wrong", "有错误"),
    "unclear": Words("Unclear", "不清楚"),
}
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Open:
    """A version as a reader has it open; ``current`` is None where it is withdrawn."""

    document: Shelved
    version: Version
    text: Text
    versions: tuple[Version, ...]

    @property
    def replaced(self) -> bool:
        """Whether readers find a newer version instead."""
        return self.document.version != self.version.id


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of the characters ``first`` to ``last`` of a version."""

    id: str
    document: str
    version: str
    first: int
    last: int
    verdict: str
    actor: str
    at: datetime
    text: str


class Consulting:
    """The readers' half of the library."""

    def __init__(
        self, rows: Rows, ledger: Ledger, policy: Policy, new_id: NewId, helped: Helped
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._policy = policy
        self._new_id = new_id
        self._helped = helped

    def scope(self, principal: Principal) -> Scope:
        """What this principal reads, for the database: their reaches, and the shelves they keep."""
        reader = reader_scope(self._policy, principal, self._rows.reaches(WHOLE))
        return Scope(reaches=reader.reaches, shelves=keeper_scope(self._policy, principal).shelves)

    def open(self, principal: Principal, document: str, version: str | None = None) -> Open:
        """A version of a document, the current one by default; leaves a receipt.

        Versions that readers were shown stay open to them, replaced and withdrawn ones too.
        Raises UnknownDocument for what is not there or not to be seen: nobody learns which.
        """
        found = self._look(principal, document, version)
        said = {"version": found.version.id}
        event = Event(
            EventKind.DOCUMENT_OPENED,
            principal.actor,
            subject=f"document:{document}",
            commits={"text": found.text.sha256},
            detail=said,
        )
        try:
            self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)
        self._count(document)
        return found

    def page(self, principal: Principal, document: str, version: str, page: int) -> bytes:
        """A page of the source as a JPEG. Raises UnknownDocument, NoPageImage."""
        scope = self.scope(principal)
        known = self._rows.version(scope, version)
        if known.document != document or not 1 <= page <= known.pages:
            raise NoPageImage
        try:
            return page_image(self._source(scope, version), page)
        except NotUnderstood:
            raise NoPageImage from None

    def quotes(self, principal: Principal, passages: Sequence[Passage]) -> dict[str, Quote]:
        """Passages by their id as quotes with the hash of their version's text.

        Left out is what this principal may not read and what does not stand word for word at
        its place. It leaves no receipt: what is made of the quotes does.
        """
        texts = self._rows.texts(self.scope(principal), sorted({one.version for one in passages}))
        found: dict[str, Quote] = {}
        for one in passages:
            text = texts.get(one.version)
            if text is None:
                continue
            quote = Quote(one.document, one.version, one.start, one.end, one.text, text.sha256)
            if check_quote(quote, text.understood.text) is Standing.EXACT:
                found[one.id] = quote
        return found

    def judge(
        self,
        principal: Principal,
        document: str,
        version: str,
        place: tuple[int, int],
        verdict: str,
        text: str,
        question: str = "",
    ) -> None:
        """Tells the curator what a reader thinks of a place.

        A passage that helped with ``question`` comes up a little higher for colleagues who ask
        the same. Raises BadDocument, UnknownDocument.
        """
        scope = self.scope(principal)
        known = self._rows.version(scope, version)
        first, last = place
        if known.document != document or not 0 <= first < last <= known.characters:
            raise BadDocument(field="place")
        if verdict not in VERDICTS or len(text) > LONGEST:
            raise BadDocument(field="verdict")
        identifier = self._new_id()
        box = self._rows.vault.seal(
            subject(document), text.strip().encode(), f"library/feedback/{identifier}"
        )
        with self._ledger.unit(self._rows.within(scope)) as unit:
            unit.connection.execute(
                "insert into library.feedback (id, document, version, first, last, verdict, actor,"
                " suite, key_id, box) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
                (
                    identifier,
                    document,
                    version,
                    first,
                    last,
                    verdict,
                    principal.actor,
                    box.suite,
                    box.key_id,
                    box.box,
                ),
            )
            if verdict == "helpful" and (passage := self._found(scope, known, place)):
                self._helped.say(unit.connection, identifier, principal.actor, (question, passage))
            unit.record(
                Event(
                    EventKind.DOCUMENT_JUDGED,
                    principal.actor,
                    subject=f"document:{document}",
                    detail={"version": version, "verdict": verdict},
                )
            )

    def _found(self, scope: Scope, version: Version, place: tuple[int, int]) -> Passage | None:
        """The passage at exactly this place, if this reader can find it now."""
        shelved = self._rows.one(scope, version.document)
        reach = shelved.card.permission.reach
        if shelved.state != "published" or shelved.version != version.id:
            return None
        if reach not in scope.reaches:
            return None
        passages = self._rows.text(scope, version.id).passages(version.document, reach)
        return next((one for one in passages if (one.start, one.end) == place), None)

    def feedback(self, principal: Principal, limit: int = 200) -> list[Feedback]:
        """What readers said of the documents that this principal keeps, the newest first."""
        rows = self._rows.within(keeper_scope(self._policy, principal)).rows(
            "select id, document, version, first, last, verdict, actor, at, suite, key_id, box"
            " from library.feedback order by at desc limit %s",
            (limit,),
        )
        found: list[Feedback] = []
        for row in rows:
            box = Sealed(row.pop("suite"), row.pop("key_id"), row.pop("box"))
            place = f"library/feedback/{row['id']}"
            said = self._rows.vault.open(subject(row["document"]), box, place).decode()
            found.append(Feedback(**row, text=said))
        return found

    def _look(self, principal: Principal, document: str, version: str | None) -> Open:
        scope = self.scope(principal)
        shelved = self._rows.one(scope, document)
        allowed = self._policy.decide(
            principal, Action.DOCUMENT_READ, shelved.card.permission.facts
        ).allowed
        if not allowed and shelved.card.home not in scope.shelves:
            raise UnknownDocument
        wanted = version or shelved.version
        if wanted is None:
            raise UnknownDocument
        known = self._rows.version(scope, wanted)
        if known.document != document:
            raise UnknownDocument
        versions = tuple(self._rows.versions(scope, document))
        return Open(shelved, known, self._rows.text(scope, wanted), versions)

    def _source(self, scope: Scope, version: str) -> Iterator[bytes]:
        yield from opened_source(self._rows.within(scope), self._rows.vault, version)

    def _count(self, document: str) -> None:
        self._rows.within(WHOLE).rows(
            "insert into library.opened as o (document) values (%s)"
            " on conflict (document, day) do update set times = o.times + 1 returning times",
            (document,),
        )
