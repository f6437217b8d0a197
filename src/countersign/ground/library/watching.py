"""Folders that curators choose to be watched, below the one that IT allowed, each on its own terms.

A curator chooses among the folders named like the departments that she keeps, and ``shared``: what
lies in another department's folder is neither listed nor taken in for her.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any, Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Words

from .card import KINDS, Card
from .folders import NotTaken, Outside, Seen, folders_below, opened_file, opened_folder, walked
from .keeping import LIBRARIAN, Keeping
from .permission import EVERYWHERE, Permission, home_facts, keeper_scope
from .refusals import (
    BadDocument,
    FolderOutside,
    FolderWatched,
    NoRoot,
    SourceTooLarge,
    UnknownWatch,
)
from .rows import Rows

SHARED: Final = "shared"
"""The folder directly below the root that curators of every department may choose from."""

QUIET = 5.0
"""Seconds for which a file must have rested before it is taken in: somebody may still write it."""

CHOICES, FILES, TAKEN, SAID = 500, 20_000, 100, 200
"""Folders offered, things looked at and files taken in at one look, refusals kept of it."""

PREFIX, MEBIBYTE = "folder.", 1024 * 1024
LOOKS: Final = {
    "looked": Words("looked at", "已查看"),
    "missing": Words("The folder is not there. Ask IT.", "文件夹不存在。请联系信息科。"),
    "outside": Words(
        "It is no plain folder below the permitted one, so nothing is taken in. Ask IT.",
        "不是许可文件夹内的普通文件夹，因此不收取任何文件。请联系信息科。",
    ),
    "full": Words(
        "It holds more than is looked at. Spread the files over several folders.",
        "文件过多，未全部查看。请分到多个文件夹。",
    ),
}
"""How the last look at a folder ended."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What every document that comes from ``folder``, a path below the root, begins with."""

    folder: str
    home: str
    permission: Permission
    owner: str
    kind: str = "guideline"
    region: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look: ``state`` is one of LOOKS."""

    at: datetime
    state: str
    refused: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was taken in and could not be read; ``outcome`` is one of OUTCOMES."""

    document: str
    file: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A watched folder with what came of it; ``look`` is None before the first."""

    id: str
    terms: Terms
    actor: str
    at: datetime
    taken: int
    look: Look | None
    unread: tuple[Unread, ...] = ()


class Watching:
    """``root`` is what IT allowed; None where nothing was. ``limit`` bounds a file in bytes."""

    def __init__(
        self,
        rows: Rows,
        ledger: Ledger,
        policy: Policy,
        keeping: Keeping,
        clock: Clock,
        new_id: NewId,
        limit: int,
        root: Path | None,
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._policy = policy
        self._keeping = keeping
        self._clock = clock
        self._new_id = new_id
        self._limit = limit
        self._marks: dict[str, dict[str, tuple[int, int]]] = {}
        self.root = root

    def choices(self, principal: Principal) -> list[str]:
        """The folders that this curator may choose, by name."""
        if self.root is None:
            return []
        found: list[str] = []
        for first in self._firsts(principal):
            found += folders_below(self.root, first, CHOICES - len(found))
        return found

    def choose(self, principal: Principal, terms: Terms) -> str:
        """Has a folder watched from now on; returns the watch's id.

        Raises Forbidden, NoRoot, FolderOutside, FolderWatched, BadDocument.
        """
        self._policy.require(principal, Action.DOCUMENT_CURATE, home_facts(terms.home))
        _card(terms, "-").checked()
        if self.root is None:
            raise NoRoot
        if terms.folder.split("/")[0] not in self._firsts(principal):
            raise FolderOutside
        try:
            with opened_folder(self.root, terms.folder):
                pass
        except (Outside, OSError):
            raise FolderOutside from None
        for one in self._live(principal):
            if one.terms.home == terms.home and _overlap(one.terms.folder, terms.folder):
                raise FolderWatched(folder=one.terms.folder)
        watch = self._new_id()
        box = self._rows.vault.seal(HOUSE, encode(_said(terms)), f"library/watch/{watch}")
        with self._ledger.unit(self._rows.within(self._keeping.scope(principal))) as unit:
            unit.connection.execute(
                "insert into library.watch (id, home, actor, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s, %s)",
                (watch, terms.home, principal.actor, box.suite, box.key_id, box.box),
            )
            unit.record(_event(EventKind.FOLDER_WATCHED, principal, watch, terms))
        return watch

    def stop(self, principal: Principal, watch: str) -> None:
        """Ends a watch; what came from the folder stays. Raises UnknownWatch."""
        found = next((one for one in self._live(principal) if one.id == watch), None)
        if found is None:
            raise UnknownWatch
        self._policy.require(principal, Action.DOCUMENT_CURATE, home_facts(found.terms.home))
        with self._ledger.unit(self._rows.within(self._keeping.scope(principal))) as unit:
            ended = unit.connection.execute(
                "insert into library.watch_end (watch, actor) values (%s, %s)"
                " on conflict do nothing returning watch",
                (watch, principal.actor),
            ).fetchone()
            if ended is None:
                raise UnknownWatch
            unit.record(_event(EventKind.FOLDER_UNWATCHED, principal, watch, found.terms))

    def all(self, principal: Principal) -> list[Watch]:
        """What is watched for the shelves that this principal keeps, with its state."""
        return self._live(principal, whole=True)

    def look(self) -> int:
        """Looks at every watched folder; returns how many files were taken in.

        What was refused and how each look ended is kept for the curators.
        """
        if self.root is None:
            return 0
        return sum(self._look(self.root, one) for one in self._live(LIBRARIAN))

    def _look(self, root: Path, watch: Watch) -> int:
        refused: list[NotTaken] = []
        marks, taken, state = self._marks.setdefault(watch.id, {}), 0, "looked"
        now = self._clock().timestamp()
        try:
            for number, one in enumerate(walked(root, watch.terms.folder, now, self._limit)):
                if number >= FILES:
                    state = "full"
                    break
                if isinstance(one, NotTaken):
                    refused.append(one)
                elif one.age >= QUIET and marks.get(one.name) != one.mark and taken < TAKEN:
                    taken += self._taken(root, watch, one, refused)
        except Outside:
            state = "outside"
        except OSError:
            state = "missing"
        self._keep(watch, state, refused[:SAID])
        return taken

    def _taken(self, root: Path, watch: Watch, one: Seen, refused: list[NotTaken]) -> int:
        """1 where a document or a version came of the file."""
        try:
            with opened_file(root, watch.terms.folder, one.name, self._limit) as file:
                if file is None:
                    return 0
                done = self._receive(watch, one.name, file)
        except (SourceTooLarge, BadDocument) as problem:
            refused.append(
                NotTaken(one.name, "large" if isinstance(problem, SourceTooLarge) else "empty")
            )
            done = 0
        self._marks[watch.id][one.name] = one.mark
        return done

    def _receive(self, watch: Watch, name: str, file: BufferedReader) -> int:
        terms, path = watch.terms, f"{watch.terms.folder}/{name}"
        place = self._rows.vault.blind("library.place", f"{terms.home}\n{path}")
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        source = iter(lambda: file.read(MEBIBYTE), b"")
        known = self._rows.within(WHOLE).rows(
            "select c.document, c.state from library.watched_file f"
            " join library.current c using (document) where f.home = %s and f.place = %s",
            (terms.home, place),
        )
        if known:
            document = known[0]["document"]
            before = self._keeping.versions(LIBRARIAN, document)
            if digest in {version.sha256 for version in before}:
                return 0
            if known[0]["state"] != "withdrawn":
                self._keeping.add_version(LIBRARIAN, document, path[-300:], source)
                return 1
        # Its name is that of the place and the content: whatever ends this process before the row
        # below is written, the file becomes no second document.
        document = f"{PREFIX}{place & (2**64 - 1):016x}.{digest[:16]}"
        fresh = not self._rows.some(WHOLE, [document])
        if fresh:
            card = _card(terms, path)
            self._keeping.receive(LIBRARIAN, card, source, document)
        self._rows.within(WHOLE).rows(
            "insert into library.watched_file (home, place, document, watch) values (%s,%s,%s,%s)"
            " on conflict (home, place) do update set document = excluded.document,"
            " watch = excluded.watch returning document",
            (terms.home, place, document, watch.id),
        )
        return int(fresh)

    def _keep(self, watch: Watch, state: str, refused: list[NotTaken]) -> None:
        said: JSON = {"refused": [[one.name, one.why] for one in refused]}
        box = self._rows.vault.seal(HOUSE, encode(said), f"library/watch-look/{watch.id}")
        self._rows.within(WHOLE).rows(
            "insert into library.watch_look (watch, at, state, suite, key_id, box)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (watch) do update set at = excluded.at,"
            " state = excluded.state, suite = excluded.suite, key_id = excluded.key_id,"
            " box = excluded.box returning watch",
            (watch.id, self._clock(), state, box.suite, box.key_id, box.box),
        )

    def _firsts(self, principal: Principal) -> list[str]:
        """The folders directly below the root from which this curator may choose."""
        shelves = keeper_scope(self._policy, principal).shelves
        return sorted({SHARED, *(shelves - {EVERYWHERE})}) if shelves else []

    def _live(self, principal: Principal, *, whole: bool = False) -> list[Watch]:
        pool = self._rows.within(self._keeping.scope(principal))
        rows = pool.rows(
            "select w.*, l.at as looked_at, l.state, l.suite as look_suite, l.key_id as look_key,"
            " l.box as look_box, (select count(*) from library.watched_file f where f.watch = w.id)"
            " as taken from library.watch w left join library.watch_look l on l.watch = w.id"
            " where not exists (select from library.watch_end e where e.watch = w.id)"
            " order by w.at, w.id"
        )
        unread: dict[str, list[Unread]] = {}
        if whole and rows:
            unread = self._unread(principal, [row["id"] for row in rows])
        return [self._watch(row, tuple(unread.get(row["id"], ()))) for row in rows]

    def _unread(self, principal: Principal, watches: list[str]) -> dict[str, list[Unread]]:
        rows = self._rows.within(self._keeping.scope(principal)).rows(
            "select distinct on (f.watch, f.document) f.watch, f.document, t.outcome"
            " from library.watched_file f join library.version v on v.document = f.document"
            " join library.text t on t.version = v.id where f.watch = any(%s)"
            " order by f.watch, f.document, v.number desc",
            (watches,),
        )
        failed = [row for row in rows if row["outcome"] != "read"]
        known = self._rows.some(self._keeping.scope(principal), [row["document"] for row in failed])
        found: dict[str, list[Unread]] = {}
        for row in failed:
            if (one := known.get(row["document"])) and one.state != "withdrawn":
                told = Unread(one.id, one.card.file, row["outcome"])
                found.setdefault(row["watch"], []).append(told)
        return found

    def _watch(self, row: dict[str, Any], unread: tuple[Unread, ...]) -> Watch:
        vault, look = self._rows.vault, None
        box = Sealed(row["suite"], row["key_id"], row["box"])
        terms = _terms(row["home"], decode(vault.open(HOUSE, box, f"library/watch/{row['id']}")))
        if row["looked_at"] is not None:
            box = Sealed(row["look_suite"], row["look_key"], row["look_box"])
            said: Any = decode(vault.open(HOUSE, box, f"library/watch-look/{row['id']}"))
            refused = tuple(NotTaken(*one) for one in said["refused"])
            look = Look(row["looked_at"], row["state"], refused)
        return Watch(row["id"], terms, row["actor"], row["at"], row["taken"], look, unread)


def of_a_watch(document: str) -> bool:
    """Whether a document came from a folder that a curator chose."""
    return document.startswith(PREFIX)


def _card(terms: Terms, path: str) -> Card:
    if terms.kind not in KINDS:
        raise BadDocument(field="kind")
    return Card(
        PurePosixPath(path).stem[:300] or "-",
        kind=terms.kind,
        home=terms.home,
        permission=terms.permission,
        owner=terms.owner,
        file=path[-300:],
        region=terms.region,
    )


def _overlap(one: str, other: str) -> bool:
    """Whether one is the other or lies below it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _said(terms: Terms) -> JSON:
    return {
        "folder": terms.folder,
        "reach": terms.permission.reach,
        "owner": terms.owner,
        "kind": terms.kind,
        "region": terms.region,
    }


def _terms(home: str, said: Any) -> Terms:
    reach = Permission.of(said["reach"])
    return Terms(said["folder"], home, reach, said["owner"], said["kind"], said["region"])


def _event(kind: EventKind, principal: Principal, watch: str, terms: Terms) -> Event:
    reach = terms.permission.reach[:250]
    return Event(
        kind, principal.actor, subject=f"watch:{watch}", detail={"home": terms.home, "reach": reach}
    )
