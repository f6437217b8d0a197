"""Fills the library: the starting points that this installation brings, and files by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import countersign.ground.library as library_package
from countersign.ground.library import LIBRARIAN, Card, Library, Shelved, UnknownDocument
from countersign.kit.errors import CountersignError

STARTING = Path(library_package.__file__).parent / "starting"
"""Texts that the project wrote itself, ``<specialty>/<condition>.<en|zh>.md``."""

SUFFIXES = {"pdf", "docx", "html", "htm", "md", "markdown", "xlsx", "csv", "txt"}


def stock(
    library: Library,
    owner: str,
    folder: Path = STARTING,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Publishes every starting point that is not here yet, unreviewed; returns how many.

    They are our own files, and so are read in this process.
    """
    files = sorted(folder.glob("*/*.md")) if folder.is_dir() else []
    done = 0
    for number, path in enumerate(files):
        identifier = f"starting.{path.stem}"[:64]
        shelved = _known(library, identifier)
        if shelved is None:
            language = "en" if path.stem.endswith(".en") else "zh"
            card = Card(path.stem, language=language, owner=owner, file=path.name)
            library.keeping.receive(LIBRARIAN, card, [path.read_bytes()], document=identifier)
        if shelved is None or shelved.state == "draft":
            version = library.keeping.versions(LIBRARIAN, identifier)[0].id
            library.understand_here(version)
            shelved = library.keeping.one(LIBRARIAN, identifier)
            library.keeping.publish(LIBRARIAN, identifier, shelved.number, version)
            done += 1
        progress(number + 1, len(files))
    return done


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


def _known(library: Library, document: str) -> Shelved | None:
    try:
        return library.keeping.one(LIBRARIAN, document)
    except UnknownDocument:
        return None
