"""The passages of one reach in an index of their own: nothing of another reach can enter a score.

A search opens the shelves of the person's reaches and no other (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import tantivy

from .errors import BrokenPassages
from .passage import Passage
from .words import words

WORDS = "words"
HEAP = 30_000_000
"""Bytes that new passages may take in memory before they become a segment."""

ANEW = 120_000_000
"""The same for a shelf that is written anew, of which there is one at a time."""

SEGMENTS = 2
"""Segments from which on a shelf is worth writing anew: each costs every search a look-up of every
word, and with some in each shelf a search takes twice as long."""

SMALL = 5_000
"""Passages of a shelf that is written anew in less than a second."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


@dataclass(frozen=True, slots=True)
class Kept:
    """A passage as the index holds it: ``length`` in words, headings included; its vector, int8."""

    passage: Passage
    length: int
    vector: bytes

    def packed(self) -> bytes:
        """The stored form."""
        one = self.passage
        place = (one.id, one.document, one.version, one.ordinal, one.start, one.end)
        seen = (one.text, one.headings, one.page, one.language)
        return _encode((*place, *seen, self.length, self.vector))

    @staticmethod
    def unpacked(stored: bytes, reach: str) -> Kept:
        """What ``packed`` gave, on the shelf of ``reach``. Raises BrokenPassages."""
        try:
            return Kept._read(_decode(stored), reach)
        except (msgspec.DecodeError, ValueError, TypeError) as why:
            raise BrokenPassages(file=reach) from why

    @staticmethod
    def _read(fields: list[Any], reach: str) -> Kept:
        id, document, version, ordinal, start, end, text, headings, *rest = fields
        page, language, length, vector = rest
        place = (id, document, version, ordinal, start, end)
        return Kept(Passage(*place, text, tuple(headings), page, language, reach), length, vector)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("version", tokenizer_name="raw", index_option="basic")
    builder.add_text_field(WORDS, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("length", fast=True)
    builder.add_text_field("bare", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("kept", stored=True)
    return builder.build()


class Shelf:
    """Passages of one reach; written by one thread at a time, read by any number.

    ``folder`` keeps the index's files; without one they stay in memory and end with the process.
    """

    def __init__(self, reach: str, folder: Path | None = None, heap: int = HEAP) -> None:
        self.reach = reach
        self._heap = heap
        self._schema = _schema()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=None if folder is None else str(folder))
        self._writer: tantivy.IndexWriter | None = None
        self.settled = 0
        """Passages that were written in one go when the shelf was made."""
        self.stale = 0
        """Passages removed whose words still count in ``frequency``."""
        self._read()

    def add(self, kept: Kept, *, replace: bool, said: Sequence[str] = ()) -> None:
        """Found after ``refresh``; ``replace`` where the same id may be here already.

        ``said`` are its words where somebody cut them already.
        """
        writer = self._open()
        one = kept.passage
        if replace:
            writer.delete_documents_by_term("id", one.id)
            self.stale += 1
        document = tantivy.Document()
        document.add_text("id", one.id)
        document.add_text("version", one.version)
        document.add_text(WORDS, " ".join(said or words(indexed(one))))
        document.add_unsigned("length", kept.length)
        if not kept.vector:
            document.add_text("bare", one.language)
        document.add_bytes("kept", kept.packed())
        writer.add_document(document)

    def remove(self, version: str) -> None:
        """Gone after ``refresh``."""
        self.stale += self._searcher.doc_freq("version", version)
        self._open().delete_documents_by_term("version", version)

    def refresh(self) -> None:
        """Makes visible what was added and removed; searches go on meanwhile."""
        if self._writer is None:
            return
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        self._index.reload()
        self._read()

    @property
    def worn(self) -> bool:
        """Whether what was removed is worth writing the shelf anew for, at once."""
        return self.stale > 0 and (self.passages <= SMALL or self.stale * 8 > self.passages)

    @property
    def scattered(self) -> bool:
        """Whether it grew in so many pieces that writing it anew is worth the time, once idle."""
        grown = self.passages * 2 > self.settled * 3
        return self.worn or (grown and self._searcher.num_segments >= SEGMENTS)

    @property
    def passages(self) -> int:
        """How many can be found."""
        return self._searcher.num_docs

    def versions(self) -> list[str]:
        """The versions that have passages here."""
        return [version for version, _ in self._searcher.terms_with_prefix("version", "")]

    def every(self) -> Iterator[Kept]:
        """All passages that can be found."""
        searcher, step = self._searcher, 10_000
        for offset in range(0, searcher.num_docs, step):
            found = searcher.search(tantivy.Query.all_query(), step, count=False, offset=offset)
            for _, address in found.hits:
                yield Kept.unpacked(searcher.doc(address)["kept"][0], self.reach)

    def without_vector(self, language: str, limit: int) -> list[Kept]:
        """Passages of this language that nobody gave a vector yet."""
        query = tantivy.Query.term_query(self._schema, "bare", language, "basic")
        hits = self._searcher.search(query, limit, count=False).hits
        return [Kept.unpacked(self._searcher.doc(at)["kept"][0], self.reach) for _, at in hits]

    def bare(self, language: str) -> int:
        """How many passages of this language have no vector, about: removed ones may count."""
        return self._searcher.doc_freq("bare", language)

    def view(self) -> View:
        """The shelf as it is now, whatever is written later."""
        return View(self.reach, self._schema, self._searcher, self._total)

    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(self._heap, 1)
        return self._writer

    def _read(self) -> None:
        searcher = self._index.searcher()
        self._searcher, self._total = searcher, _total(searcher)


def _total(searcher: tantivy.Searcher) -> int:
    """Words of all passages, those removed not counted."""
    if not searcher.num_docs:
        return 0
    aggregate = cast("Callable[[tantivy.Query, Any], Any]", searcher.aggregate)  # pyright: ignore[reportUnknownMemberType]
    found = aggregate(tantivy.Query.all_query(), {"total": {"sum": {"field": "length"}}})
    return int(found["total"]["value"])


@dataclass(frozen=True, slots=True)
class View:
    """One shelf at one moment; ``total`` counts the words of its passages."""

    reach: str
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    total: int

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """How many passages hold each word; words that none holds are left out."""
        most, count = self.searcher.num_docs, self.searcher.doc_freq
        return {word: min(number, most) for word in words if (number := count(WORDS, word))}

    def nearest(self, weights: Mapping[str, float], limit: int) -> list[tuple[float, View, Any]]:
        """Score, this view and address of the passages with the most of these words."""
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._term(word, weight)) for word, weight in weights.items()]
        )
        hits = self.searcher.search(query, limit, count=False).hits
        return [(float(score), self, address) for score, address in hits]

    def fetch(self, address: Any) -> Kept:
        """The passage at an address that ``nearest`` gave."""
        return Kept.unpacked(self.searcher.doc(address)["kept"][0], self.reach)

    def named(self, id: str) -> list[Kept]:
        """The passage with this id, if it stands here."""
        query = tantivy.Query.term_query(self.schema, "id", id, "basic")
        return [self.fetch(at) for _, at in self.searcher.search(query, 1, count=False).hits]

    def _term(self, word: str, weight: float) -> tantivy.Query:
        term = tantivy.Query.term_query(self.schema, WORDS, word, "freq")
        return tantivy.Query.boost_query(term, weight)


def indexed(passage: Passage) -> str:
    """What of a passage is searched: its headings and its text."""
    return "\n".join((*passage.headings, passage.text))
