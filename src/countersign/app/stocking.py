"""Fills the library: the starting points that this installation brings, and files by command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import countersign.ground.library as library_package
from countersign.ground.library import LIBRARIAN, Brought, Card, Library, Pair, answered
from countersign.kit.errors import CountersignError

STARTING = Path(library_package.__file__).parent / "starting"
"""Texts that the project wrote itself, ``<specialty>/<condition>.<en|zh>.md``."""

AT_ONCE = 100
"""Files that are brought in together."""

SUFFIXES = {"pdf", "docx", "html", "htm", "md", "markdown", "xlsx", "csv", "txt"}


def stock(library: Library, owner: str, folder: Path = STARTING) -> int:
    """Publishes every starting point that is not here yet, unreviewed; returns how many."""
    files = sorted(folder.glob("*/*.md")) if folder.is_dir() else []
    brought = [
        Brought(
            f"starting.{path.stem}"[:64],
            Card(
                path.stem,
                language="en" if path.stem.endswith(".en") else "zh",
                owner=owner,
                file=path.name,
            ),
            path.read_bytes(),
        )
        for path in files
    ]
    return sum(
        library.bringing.bring(brought[first : first + AT_ONCE])
        for first in range(0, len(brought), AT_ONCE)
    )


def unanswered_pairs(library: Library, pairs: Sequence[Pair]) -> list[Pair]:
    """Past questions none of whose quotes stands in a published document."""
    keeping = library.keeping
    passages = (
        passage
        for one in keeping.documents(LIBRARIAN, "published")
        if one.version
        for passage in keeping.text(LIBRARIAN, one.version).passages(
            one.id, one.card.permission.reach
        )
    )
    held = answered(pairs, passages)
    return [pair for number, pair in enumerate(pairs) if number not in held]


def add_files(
    library: Library, path: Path, card: Card, publish: bool
) -> Iterator[tuple[str, str, str]]:
    """Receives and reads a file or a folder; gives (file, document, outcome or error) of each."""
    for file in _files(path):
        try:
            document, version = library.keeping.receive(
                LIBRARIAN,
                replace(card, title=file.stem[:300] or "-", file=file.name[:300]),
                _parts(file),
            )
            library.understand(version)
            outcome = library.keeping.versions(LIBRARIAN, document)[0].outcome or ""
            if publish and outcome == "read":
                shelved = library.keeping.one(LIBRARIAN, document)
                library.keeping.publish(LIBRARIAN, document, shelved.number, version)
                outcome = "published"
            yield file.name, document, outcome
        except CountersignError as problem:
            yield file.name, "", problem.code


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return sorted(
        one
        for one in path.rglob("*")
        if one.is_file() and one.suffix.lower().lstrip(".") in SUFFIXES
    )


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1024 * 1024):
            yield part
