"""Takes in what lies in a watched folder: each file once, a changed one as another version."""

from __future__ import annotations

from hashlib import file_digest
from io import BufferedReader
from pathlib import Path, PurePosixPath

from countersign.ground.db import WHOLE
from countersign.kit.clock import Clock

from .card import KINDS, Card, Shelved
from .folders import NotTaken, Outside, Seen, opened_file, walked
from .keeping import LIBRARIAN, Keeping
from .refusals import BadDocument, SourceTooLarge
from .rows import Rows
from .watches import Look, Terms, Watch, Watches

QUIET = 5.0
"""Seconds for which a file must have rested before it is taken in: somebody may still write it."""

FILES, TAKEN, SAID = 20_000, 100, 200
"""Things looked at in a curator's folder, files taken in and refusals kept, of one look."""

CHOSEN, NAMED = "folder.", "named."
"""How documents are called that come from a curator's folder, and from the one that IT named."""

MEBIBYTE = 1024 * 1024


class _Uploaded(Exception):
    """A person uploaded a document of this file's name."""


class Taking:
    """Remembers, as long as this process lives, what need not be read again. ``limit``: bytes."""

    def __init__(
        self, rows: Rows, watches: Watches, keeping: Keeping, clock: Clock, limit: int
    ) -> None:
        self._rows = rows
        self._watches = watches
        self._keeping = keeping
        self._clock = clock
        self._limit = limit
        self._marks: dict[str, dict[str, tuple[tuple[int, int], str | None]]] = {}
        self._by_name: dict[str, Shelved] | None = None

    def look(self, watch: Watch, root: Path, folder: str | None) -> int:
        """Looks at a folder below ``root``, or at the root itself; how many files came in.

        What was refused and how the look ended is kept for the curators.
        """
        refused: list[NotTaken] = []
        marks, taken, state = self._marks.setdefault(watch.id, {}), 0, "looked"
        self._by_name, now = None, self._clock().timestamp()
        try:
            for number, one in enumerate(walked(root, folder, now, self._limit)):
                if number >= FILES and not watch.named:
                    state = "full"
                    break
                if isinstance(one, NotTaken):
                    refused.append(one)
                    continue
                mark, why = marks.get(one.name, (None, None))
                if mark == one.mark:
                    refused += [NotTaken(one.name, why)] if why else []
                elif one.age >= QUIET and taken < TAKEN:
                    taken += self._taken(watch, root, folder, one, refused)
        except Outside:
            state = "outside"
        except OSError:
            state = "missing"
        self._watches.looked(watch, Look(self._clock(), state, tuple(refused[:SAID])))
        return taken

    def _taken(
        self, watch: Watch, root: Path, folder: str | None, one: Seen, refused: list[NotTaken]
    ) -> int:
        """1 where a document or a version came of the file."""
        done, why = 0, None
        try:
            with opened_file(root, folder, one.name, self._limit) as file:
                if file is None:
                    return 0
                done = self._receive(watch, one.name, file)
        except SourceTooLarge:
            why = "large"
        except BadDocument:
            why = "empty"
        except _Uploaded:
            why = "uploaded"
        refused += [NotTaken(one.name, why)] if why else []
        self._marks[watch.id][one.name] = one.mark, why
        return done

    def _receive(self, watch: Watch, name: str, file: BufferedReader) -> int:
        path = watch.file(name)
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        source = iter(lambda: file.read(MEBIBYTE), b"")
        known = self._watches.document_of(watch, name) or self._before(watch, name)
        if known:
            document, state = known
            if digest in self._said_already(document, state):
                return 0
            if state != "withdrawn":
                self._keeping.add_version(LIBRARIAN, document, path[-300:], source)
                return 1
        # Its name is that of the place and the content: whatever ends this process before the row
        # below is written, the file becomes no second document.
        place = self._watches.number(watch, name) & (2**64 - 1)
        document = f"{NAMED if watch.named else CHOSEN}{place:016x}.{digest[:16]}"
        fresh = not self._rows.some(WHOLE, [document])
        if fresh:
            self._keeping.receive(LIBRARIAN, card_of(watch.terms, path), source, document)
        self._watches.came(watch, name, document)
        return int(fresh)

    def _said_already(self, document: str, state: str) -> set[str]:
        """SHA-256 of versions that the file's content makes no new one after.

        A file put back as it was is a version again; of what was withdrawn nothing comes back.
        What a curator put in its place by hand counts beside what last came of the file.
        """
        before = self._keeping.versions(LIBRARIAN, document)
        if state == "withdrawn":
            return {one.sha256 for one in before}
        own = [one.sha256 for one in before if one.actor == LIBRARIAN.actor]
        return {before[0].sha256, *own[:1]}

    def _before(self, watch: Watch, name: str) -> tuple[str, str] | None:
        """What came of a file before places were kept: then the folder that IT named knew its
        documents by their files' names. Raises _Uploaded."""
        if not watch.named:
            return None
        if self._by_name is None:
            every = self._keeping.documents(LIBRARIAN)
            ordered = sorted(every, key=lambda one: (one.state != "withdrawn", one.change))
            self._by_name = {one.card.file: one for one in ordered if not one.id.startswith(CHOSEN)}
        if (found := self._by_name.get(name)) is None:
            return None
        if self._keeping.versions(LIBRARIAN, found.id)[-1].actor != LIBRARIAN.actor:
            raise _Uploaded
        self._watches.came(watch, name, found.id)
        return found.id, found.state


def card_of(terms: Terms, path: str) -> Card:
    """What is known of a file before anybody described it. Raises BadDocument."""
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
