"""What a curator does with documents: receive, describe, publish, replace, review, withdraw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .card import Card, Shelved
from .permission import home_facts, keeper_scope, reader_scope
from .refusals import BadDocument, NothingToPublish, NotTheReviewer
from .rows import Change, ReadBefore, Rows, Text, Version
from .sources import Sealing
from .understanding import NotUnderstood, Understood, cut, language_of

READ = "library.read"
"""The task that reads a version; its argument ``version`` names it."""

LIBRARIAN = Principal.system("librarian")
REASON = 10
"""Characters of the reason for withdrawing, at least."""

KINDS: Mapping[str, EventKind] = {
    "received": EventKind.DOCUMENT_RECEIVED,
    "described": EventKind.DOCUMENT_DESCRIBED,
    "published": EventKind.DOCUMENT_PUBLISHED,
    "replaced": EventKind.DOCUMENT_REPLACED,
    "reviewed": EventKind.DOCUMENT_REVIEWED,
    "withdrawn": EventKind.DOCUMENT_WITHDRAWN,
    "expired": EventKind.DOCUMENT_EXPIRED,
}


class Keeping:
    """The curators' half of the library. Everything here raises Forbidden, LedgerUnavailable
    and DatabaseUnavailable; then nothing was changed.
    """

    def __init__(
        self,
        rows: Rows,
        ledger: Ledger,
        policy: Policy,
        jobs: Jobs,
        clock: Clock,
        new_id: NewId,
        limit: int,
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._policy = policy
        self._jobs = jobs
        self._clock = clock
        self._new_id = new_id
        self._limit = limit

    def scope(self, principal: Principal) -> Scope:
        """What this principal keeps, for the database."""
        return keeper_scope(self._policy, principal)

    def documents(self, principal: Principal, state: str | None = None) -> list[Shelved]:
        """Every document on the principal's shelves, or those in one state."""
        return self._rows.all(self.scope(principal), state)

    def one(self, principal: Principal, document: str) -> Shelved:
        """Raises UnknownDocument, Forbidden."""
        found = self._rows.one(self.scope(principal), document)
        self._require(principal, found.card)
        return found

    def opened(self, principal: Principal) -> dict[str, int]:
        """How often each document was opened in ninety days."""
        self._policy.require(principal, Action.LIBRARY_KEEP, Facts.house("library"))
        rows = self._rows.within(self.scope(principal)).rows(
            "select o.document, sum(o.times)::integer as times from library.opened o"
            " join library.current c using (document) where o.day > house.today() - 90"
            " group by o.document"
        )
        return {row["document"]: row["times"] for row in rows}

    def waiting(self, principal: Principal) -> frozenset[str]:
        """Published documents of which a newer version waits for its publication."""
        rows = self._rows.within(self.scope(principal)).rows(
            "select c.document from library.current c"
            " join library.version now on now.id = c.version"
            " join library.version newer on newer.document = c.document"
            " and newer.number > now.number where c.state = 'published' group by c.document"
        )
        return frozenset(row["document"] for row in rows)

    def versions(self, principal: Principal, document: str) -> list[Version]:
        """The newest first."""
        return self._rows.versions(self.scope(principal), document)

    def history(self, principal: Principal, document: str) -> list[Change]:
        """Every step, the newest first."""
        return self._rows.history(self.scope(principal), document)

    def text(self, principal: Principal, version: str) -> Text:
        """Raises UnknownDocument."""
        return self._rows.text(self.scope(principal), version)

    def receive(
        self, principal: Principal, card: Card, source: Iterable[bytes], document: str | None = None
    ) -> tuple[str, str]:
        """Takes in a new document and has it read; returns its id and that of its version.

        ``document`` is an identifier that the caller chose. Raises BadDocument, SourceTooLarge.
        """
        self._require(principal, card.checked())
        identifier = document or self._new_id()
        change = Shelved(identifier, 0, 1, "draft", None, card, None, self._clock())
        version = self._take(principal, change, 1, source, fresh=True)
        return identifier, version

    def add_version(
        self, principal: Principal, document: str, file: str, source: Iterable[bytes]
    ) -> str:
        """Takes in another version, which readers do not find before it is published."""
        found = self.one(principal, document)
        known = self.versions(principal, document)
        change = replace(found, number=found.number + 1, card=replace(found.card, file=file))
        return self._take(principal, change, known[0].number + 1, source, fresh=False)

    def _take(
        self,
        principal: Principal,
        change: Shelved,
        number: int,
        source: Iterable[bytes],
        *,
        fresh: bool,
    ) -> str:
        version = self._new_id()
        sealing = Sealing(self._rows.vault, change.id, version, self._limit)
        with self._ledger.unit(self._rows.within(self.scope(principal))) as unit:
            if fresh:
                unit.connection.execute(
                    "insert into library.document (id) values (%s)", (change.id,)
                )
            self._rows.add_version(
                unit.connection, sealing, (change.id, version, number), source, principal.actor
            )
            self._rows.add_change(unit.connection, change, "received", principal.actor)
            self._jobs.defer(unit.connection, READ, {"version": version}, lock=version)
            unit.record(
                change_event(principal, change, "received").committing(source=sealing.sha256.hex())
            )
        return version

    def understood(self, version: str, found: Understood | NotUnderstood) -> None:
        """Writes down what was read of a version, once, with what its front matter says. A job and
        a command may read the same one: what the first says holds, and the second waits for it."""
        one = self._rows.version(WHOLE, version)
        if one.outcome is not None:
            return
        pieces = cut(found) if isinstance(found, Understood) else []
        with suppress(ReadBefore), self._ledger.unit(self._rows.within(WHOLE)) as unit:
            digest = self._rows.add_text(unit.connection, (one.document, version), found, pieces)
            unit.record(read_event(one.document, version, found, digest, len(pieces)))
            if isinstance(found, Understood) and one.number == 1:
                self._title(unit.connection, one, found)

    def _title(self, connection: Connection[DictRow], one: Version, found: Understood) -> None:
        """A document that nobody described yet takes title and sources from its own text."""
        shelved = self._rows.one(WHOLE, one.document)
        if shelved.number != 1:
            return
        card = replace(
            shelved.card,
            title=found.title or shelved.card.title,
            language="zh" if language_of(found.text[:20_000]) == "zh" else "en",
        ).with_front(found.front)
        if card != shelved.card:
            change = replace(shelved, number=2, card=card)
            self._rows.add_change(connection, change, "described", LIBRARIAN.actor)

    def describe(self, principal: Principal, document: str, number: int, card: Card) -> None:
        """Sets title, permission, validity and so on; ``number`` is that of the change the
        principal looked at. Raises DocumentChanged, BadDocument, UnknownDocument.
        """
        found = self.one(principal, document)
        self._require(principal, card.checked())
        reviewed = found.reviewed_at if card.reviewer == found.card.reviewer else None
        self._change(
            principal,
            replace(found, number=number + 1, card=card, reviewed_at=reviewed),
            "described",
        )

    def publish(self, principal: Principal, document: str, number: int, version: str) -> None:
        """Lets readers find this version from now on; another text is unreviewed again.

        Raises DocumentChanged, NothingToPublish, WrongWay.
        """
        found = self.one(principal, document)
        if version not in {one.id for one in self.versions(principal, document)}:
            raise NothingToPublish
        same = found.version in (None, version)
        act = "published" if same else "replaced"
        reviewed = found.reviewed_at if same else None
        change = replace(
            found, number=number + 1, state="published", version=version, reviewed_at=reviewed
        )
        self._change(principal, change, act)

    def withdraw(self, principal: Principal, document: str, reason: str) -> list[str]:
        """No reader finds it any more; returns the versions that readers were ever shown.

        It cannot be undone: what is right again comes in as another document.
        """
        if len(reason.strip()) < REASON:
            raise BadDocument(field="reason")
        found = self.one(principal, document)
        shown = [one.id for one in self.versions(principal, document) if one.shown]
        change = replace(found, number=found.number + 1, state="withdrawn")
        self._change(principal, change, "withdrawn", reason=sha256(reason.encode()).hexdigest())
        return shown

    def review(self, principal: Principal, document: str, due: date | None) -> None:
        """The named reviewer says that the text was reviewed, and when the next review is due.

        Raises NotTheReviewer, UnknownDocument.
        """
        scope = reader_scope(self._policy, principal, self._rows.reaches(WHOLE))
        scope = replace(scope, shelves=self.scope(principal).shelves)
        found = self._rows.one(scope, document)
        if found.card.reviewer != principal.id:
            raise NotTheReviewer
        change = replace(
            found,
            number=found.number + 1,
            card=replace(found.card, review_due=due),
            reviewed_at=self._clock(),
        )
        self._change(principal, change, "reviewed", scope=scope)

    def expire(self, today: date) -> int:
        """Ends what is past its time; returns how many documents that were."""
        over = self._rows.past(WHOLE, today)
        for one in over:
            self._change(LIBRARIAN, replace(one, number=one.number + 1, state="expired"), "expired")
        return len(over)

    def _change(
        self,
        principal: Principal,
        change: Shelved,
        act: str,
        scope: Scope | None = None,
        **commits: str,
    ) -> None:
        if act != "reviewed":
            self._require(principal, change.card)
        with self._ledger.unit(self._rows.within(scope or self.scope(principal))) as unit:
            self._rows.add_change(unit.connection, change, act, principal.actor)
            unit.record(change_event(principal, change, act).committing(**commits))

    def _require(self, principal: Principal, card: Card) -> None:
        self._policy.require(principal, Action.DOCUMENT_CURATE, home_facts(card.home))


def read_event(
    document: str, version: str, found: Understood | NotUnderstood, digest: str, passages: int
) -> Event:
    """What the ledger says of a version that was read, or could not be."""
    read = "read" if isinstance(found, Understood) else found.outcome
    return Event(
        EventKind.DOCUMENT_READ,
        LIBRARIAN.actor,
        subject=f"document:{document}",
        commits={"text": digest} if digest else {},
        detail={"version": version, "outcome": read, "passages": passages},
    )


def change_event(principal: Principal, change: Shelved, act: str) -> Event:
    """What the ledger says of a change; it commits to title and sources."""
    card = change.card
    detail: dict[str, str | int | bool] = {
        "change": change.number,
        "reach": card.permission.reach[:250],
        "state": change.state,
    }
    if change.version:
        detail["version"] = change.version
    return Event(
        KINDS[act],
        principal.actor,
        subject=f"document:{change.id}",
        commits={"card": sha256(card.sealed()).hexdigest()},
        detail=detail,
    )
