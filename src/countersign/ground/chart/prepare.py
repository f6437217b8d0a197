"""Everything that can be done to incoming data without the database: in any process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, encode

from . import bundle as bundles
from .bundle import Bundle, Entry, Mode
from .errors import Invalid, Refusal, Refused, UnsignedAI
from .indexing import index
from .labels import claims_ai
from .limits import Limits
from .ownership import Ownership
from .placement import NOWHERE, Placement, placement
from .references import Links, Names
from .validation import validate


@dataclass(frozen=True, slots=True)
class Prepared:
    """One resource that passed every check which needs no database.

    ``content`` is the resource as kit.json encodes it, without meta.versionId and
    meta.lastUpdated; empty when it is to be deleted. ``owner`` is a patient's id; ``via``
    are references whose owner is the owner too; ``links`` must exist in the chart.
    ``existing`` says that nothing is to be written, because a condition found it.
    """

    entry: int
    type: str
    id: str
    content: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    words: tuple[str, ...] = field(repr=False, default=())
    low: datetime | None = None
    high: datetime | None = None
    owner: str | None = None
    via: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    placement: Placement = NOWHERE
    expected: int | None = None
    existing: bool = False

    @property
    def deleted(self) -> bool:
        return not self.content and not self.existing


@dataclass(frozen=True, slots=True)
class PreparedBundle:
    """``asks`` are conditions that must be looked up before the rest can be prepared."""

    mode: Mode
    items: tuple[Prepared | Refusal, ...] = ()
    asks: tuple[str, ...] = ()


def prepare(
    raw: bytes,
    limits: Limits,
    new_id: NewId,
    *,
    keep_ids: bool = False,
    known: Mapping[str, str | None] | None = None,
) -> PreparedBundle:
    """Validates, resolves and indexes a bundle or a single resource.

    ``keep_ids`` keeps the identifiers of the file: of ``urn:uuid:`` full URLs and of
    resources. ``known`` answers the conditions of an earlier try. Raises Refused where a
    transaction cannot be taken in, MalformedJSON.
    """
    bundle = bundles.read(raw, limits)
    answers: Mapping[str, str | None] = known or {}
    asks = _conditions(bundle) - set(answers)
    if asks:
        return PreparedBundle(bundle.mode, asks=tuple(sorted(asks)))
    if bundle.mode == "transaction":
        entries = [entry for entry in bundle.entries if isinstance(entry, Entry)]
        work = _Work(limits, new_id, keep_ids, answers)
        items: list[Prepared | Refusal] = list(work.run(entries))
        asked = work.names.asked
    else:
        items, asked = _one_by_one(bundle, lambda: _Work(limits, new_id, keep_ids, answers))
    if asked:
        return PreparedBundle(bundle.mode, asks=tuple(sorted(asked | set(answers))))
    return PreparedBundle(bundle.mode, tuple(sorted(items, key=lambda one: one.entry)))


def prepare_own(resources: Sequence[JSON], limits: Limits) -> list[Prepared]:
    """Resources that this house made itself, each with an id, that stand or fall together.

    Raises Invalid, NoPatient, TwoPatients, MissingReference, DuplicateEntry. Labels of AI
    are allowed: only what brings a signature may call this.
    """
    copies: list[JSON] = decode(encode(list(resources)))
    entries = [
        Entry(at, "PUT", str(one["resourceType"]), str(one["id"]), one)
        for at, one in enumerate(copies)
    ]
    return list(_Work(limits, lambda: "", True, {}).run(entries, labels=False))


def _one_by_one(
    bundle: Bundle, fresh: Callable[[], _Work]
) -> tuple[list[Prepared | Refusal], set[str]]:
    """The entries of a batch, each for itself."""
    items: list[Prepared | Refusal] = []
    asked: set[str] = set()
    for entry in bundle.entries:
        if isinstance(entry, Refusal):
            items.append(entry)
            continue
        work = fresh()
        try:
            items.extend(work.run([entry]))
        except Refused as problem:
            items.append(problem.refusal())
        asked |= work.names.asked
    return items, asked


def _conditions(bundle: Bundle) -> set[str]:
    entries = [entry for entry in bundle.entries if isinstance(entry, Entry)]
    return {entry.if_none_exist for entry in entries if entry.if_none_exist}


class _Work:
    """Entries that stand or fall together."""

    def __init__(
        self, limits: Limits, new_id: NewId, keep_ids: bool, known: Mapping[str, str | None]
    ) -> None:
        self.names = Names(known)
        self._limits = limits
        self._new_id = new_id
        self._keep_ids = keep_ids
        self._known = known
        self._entries: dict[str, Entry] = {}
        self._links: dict[str, Links] = {}

    def run(self, entries: list[Entry], labels: bool = True) -> Iterator[Prepared]:
        """In order of the entries; nothing while conditions are still to be asked."""
        existing = list(self._named(entries))
        for key, entry in self._entries.items():
            if entry.resource is not None:
                self._links[key] = self._checked(entry, entry.resource, key, labels)
        if self.names.asked:
            return
        yield from existing
        ownership = Ownership(self._entries, self._links)
        for key, entry in self._entries.items():
            yield self._prepared(entry, key, ownership)

    def _named(self, entries: list[Entry]) -> Iterator[Prepared]:
        """Gives every entry its identifier; yields those that a condition found."""
        for entry in entries:
            found = self._known.get(entry.if_none_exist or "")
            identifier = found or self._identifier(entry)
            self.names.add(entry, identifier, existing=found is not None)
            if found is None:
                self._entries[f"{entry.type}/{identifier}"] = entry
            else:
                yield Prepared(entry.index, entry.type, found, b"", b"", existing=True)

    def _identifier(self, entry: Entry) -> str:
        if entry.id is not None:
            return entry.id
        if self._keep_ids:
            own = (entry.resource or {}).get("id")
            url = (entry.full_url or "").lower()
            if url.startswith("urn:uuid:") and _is_uuid(url[9:]):
                return url[9:]
            if isinstance(own, str):
                return own
        return self._new_id()

    def _checked(self, entry: Entry, resource: JSON, key: str, labels: bool) -> Links:
        """Validates the resource, refuses a model's, and resolves its references in place."""
        resource["id"] = key.partition("/")[2]
        _without_version(resource)
        raw = encode(resource)
        problems = validate(resource, self._limits, raw)
        if problems:
            raise Invalid(entry.index, entry.type, problems)
        if labels and claims_ai(resource, raw, self.names.kind_of):
            raise UnsignedAI(entry.index, entry.type)
        return self.names.resolve(entry)

    def _prepared(self, entry: Entry, key: str, ownership: Ownership) -> Prepared:
        identifier, resource = key.partition("/")[2], entry.resource
        if resource is None:
            return Prepared(entry.index, entry.type, identifier, b"", b"", expected=entry.expected)
        owner, found, content = (
            ownership.of(key),
            index(resource, self._limits.zone),
            encode(resource),
        )
        return Prepared(
            entry=entry.index,
            type=entry.type,
            id=identifier,
            content=content,
            digest=sha256(content).digest(),
            words=found.words,
            low=found.low,
            high=found.high,
            owner=owner.patient,
            via=owner.via,
            links=tuple(sorted(self._links[key].outside)),
            placement=placement(resource),
            expected=entry.expected,
        )


def _without_version(resource: JSON) -> None:
    """The chart gives every version its own number and time."""
    meta = resource.get("meta")
    if isinstance(meta, dict):
        kept = {k: v for k, v in meta.items() if k not in ("versionId", "lastUpdated")}  # pyright: ignore[reportUnknownVariableType]
        if kept:
            resource["meta"] = kept
        else:
            del resource["meta"]


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
