"""The watched folders as the database keeps them: their terms, the last look, what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Scope
from countersign.ground.vault import HOUSE, Sealed
from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Words

from .folders import NotTaken
from .keeping import LIBRARIAN
from .permission import Permission
from .rows import Rows

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
    """What every document that comes from ``folder`` begins with.

    ``folder`` is a path below the root; that of the folder that IT named is a whole one.
    """

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

    @property
    def named(self) -> bool:
        """Whether IT named the folder, so that no curator chose it and none can stop it."""
        return self.actor == LIBRARIAN.actor

    def file(self, name: str) -> str:
        """What a document of the file ``name`` below the folder says of where it came from."""
        return name if self.named else f"{self.terms.folder}/{name}"

    def place(self, name: str) -> str:
        """What tells the file from every other for this shelf. Where the folder that IT named
        lies makes no difference, so that it may move; no curator's folder begins with a stroke."""
        return f"{self.terms.home}\n{'/' if self.named else ''}{self.file(name)}"


class Watches:
    """Rows of watched folders; whoever calls has asked the policy."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def live(self, scope: Scope, *, whole: bool = False) -> list[Watch]:
        """Those of the scope that nobody ended; ``whole`` with what could not be read."""
        rows = self._rows.within(scope).rows(
            "select w.*, l.at as looked_at, l.state, l.suite as look_suite, l.key_id as look_key,"
            " l.box as look_box, (select count(*) from library.watched_file f where f.watch = w.id)"
            " as taken from library.watch w left join library.watch_look l on l.watch = w.id"
            " where not exists (select from library.watch_end e where e.watch = w.id)"
            " order by w.at, w.id"
        )
        unread: dict[str, list[Unread]] = {}
        if whole and rows:
            unread = self._unread(scope, [row["id"] for row in rows])
        return [self._watch(row, tuple(unread.get(row["id"], ()))) for row in rows]

    def by(self, actor: str) -> int:
        """How many this actor ever began."""
        rows = self._rows.within(WHOLE).rows(
            "select count(*) as n from library.watch where actor = %s", (actor,)
        )
        return int(rows[0]["n"])

    def begin(self, connection: Connection[DictRow], watch: str, actor: str, terms: Terms) -> bool:
        """False where it was begun before."""
        box = self._rows.vault.seal(HOUSE, encode(_said(terms)), f"library/watch/{watch}")
        done = connection.execute(
            "insert into library.watch (id, home, actor, suite, key_id, box)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning id",
            (watch, terms.home, actor, box.suite, box.key_id, box.box),
        )
        return done.fetchone() is not None

    def end(self, connection: Connection[DictRow], watch: str, actor: str) -> bool:
        """False where it was ended before."""
        done = connection.execute(
            "insert into library.watch_end (watch, actor) values (%s, %s)"
            " on conflict do nothing returning watch",
            (watch, actor),
        )
        return done.fetchone() is not None

    def inherit(self, connection: Connection[DictRow], watch: str, actor: str) -> None:
        """What came of every watch that this actor began counts for this one from now on."""
        connection.execute(
            "update library.watched_file set watch = %s"
            " where watch in (select id from library.watch where actor = %s)",
            (watch, actor),
        )

    def looked(self, watch: Watch, look: Look) -> None:
        """Writes down how a look ended."""
        said: JSON = {"refused": [[one.name, one.why] for one in look.refused]}
        box = self._rows.vault.seal(HOUSE, encode(said), f"library/watch-look/{watch.id}")
        self._rows.within(WHOLE).rows(
            "insert into library.watch_look (watch, at, state, suite, key_id, box)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (watch) do update set at = excluded.at,"
            " state = excluded.state, suite = excluded.suite, key_id = excluded.key_id,"
            " box = excluded.box returning watch",
            (watch.id, look.at, look.state, box.suite, box.key_id, box.box),
        )

    def document_of(self, watch: Watch, name: str) -> tuple[str, str] | None:
        """The document that came of a file, and its state."""
        rows = self._rows.within(WHOLE).rows(
            "select c.document, c.state from library.watched_file f"
            " join library.current c using (document) where f.home = %s and f.place = %s",
            (watch.terms.home, self.number(watch, name)),
        )
        return (rows[0]["document"], rows[0]["state"]) if rows else None

    def came(self, watch: Watch, name: str, document: str) -> None:
        """Writes down which document a file became."""
        self._rows.within(WHOLE).rows(
            "insert into library.watched_file (home, place, document, watch) values (%s,%s,%s,%s)"
            " on conflict (home, place) do update set document = excluded.document,"
            " watch = excluded.watch returning document",
            (watch.terms.home, self.number(watch, name), document, watch.id),
        )

    def number(self, watch: Watch, name: str) -> int:
        """A keyed hash of the file's place."""
        return self._rows.vault.blind("library.place", watch.place(name))

    def _unread(self, scope: Scope, watches: list[str]) -> dict[str, list[Unread]]:
        rows = self._rows.within(scope).rows(
            "select distinct on (f.watch, f.document) f.watch, f.document, t.outcome"
            " from library.watched_file f join library.version v on v.document = f.document"
            " join library.text t on t.version = v.id where f.watch = any(%s)"
            " order by f.watch, f.document, v.number desc",
            (watches,),
        )
        failed = [row for row in rows if row["outcome"] != "read"]
        known = self._rows.some(scope, [row["document"] for row in failed])
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
