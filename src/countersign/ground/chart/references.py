"""Makes the references of a bundle point to what they will be in the chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from countersign.kit.json import JSON

from .bundle import Entry, condition_key, remote
from .errors import DuplicateEntry, MissingReference

_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(/_history/[A-Za-z0-9.-]{1,64})?")
_ELSEWHERE = re.compile(r"(https?|urn:oid|ldap|mailto):?\S*")


@dataclass(slots=True)
class Links:
    """Where one resource points: to others of the bundle, and to what the chart must hold."""

    inside: set[str] = field(default_factory=set[str])
    outside: set[str] = field(default_factory=set[str])


class Names:
    """What each name inside one bundle means: ``Type/id`` of the chart."""

    def __init__(self, known: Mapping[str, str | None]) -> None:
        self._known = known
        self._meant: dict[str, str] = {}
        self._first: dict[str, int] = {}
        self.asked: set[str] = set()

    def add(self, entry: Entry, identifier: str, existing: bool = False) -> None:
        """An entry becomes ``identifier``; raises DuplicateEntry."""
        target = f"{entry.type}/{identifier}"
        if target in self._first and not existing:
            raise DuplicateEntry(entry.index, entry.type, other=self._first[target] + 1)
        self._first.setdefault(target, entry.index)
        self._meant[target] = target
        for name in _own_names(entry):
            if self._meant.setdefault(name, target) != target:
                other = self._first.get(self._meant[name], 0)
                raise DuplicateEntry(entry.index, entry.type, other=other + 1)

    def kind_of(self, reference: str) -> str | None:
        """The resource type that a reference points to, where it says so."""
        target = self._meant.get(_plain(reference), reference)
        match = _LOCAL.fullmatch(target)
        found = match.groups()[:2] if match else remote(target)
        return found[0] if found else None

    def resolve(self, entry: Entry) -> Links:
        """Rewrites the references of ``entry.resource`` in place; raises MissingReference."""
        links = Links()
        self._walk(entry.resource, entry, links)
        return links

    def _walk(self, value: Any, entry: Entry, links: Links) -> None:
        if isinstance(value, dict):
            node = cast("JSON", value)
            for name, item in node.items():
                if isinstance(item, str):
                    if name == "reference":
                        node[name] = self._reference(item, entry, links)
                    elif name == "url" and _plain(item) in self._meant:
                        node[name] = self._meant[_plain(item)]
                        links.inside.add(node[name])
                elif isinstance(item, dict | list):
                    self._walk(item, entry, links)
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                self._walk(item, entry, links)

    def _reference(self, written: str, entry: Entry, links: Links) -> str:
        if written.startswith("#"):
            return written
        target = self._meant.get(_plain(written))
        if target is not None:
            links.inside.add(target)
            return target
        if "?" in written and not written.startswith("http"):
            return self._conditional(written, entry, links)
        match = _LOCAL.fullmatch(written)
        if match is not None:
            links.outside.add(f"{match.group(1)}/{match.group(2)}")
        elif not _ELSEWHERE.fullmatch(written):
            raise MissingReference(entry.index, entry.type, reference=_shown(written))
        return written

    def _conditional(self, written: str, entry: Entry, links: Links) -> str:
        key = condition_key(written)
        if key is None:
            raise MissingReference(entry.index, entry.type, reference=_shown(written))
        if key not in self._known:
            self.asked.add(key)
            return written
        identifier = self._known[key]
        if identifier is None:
            raise MissingReference(entry.index, entry.type, reference=_shown(written))
        target = f"{key.partition('?')[0]}/{identifier}"
        links.outside.add(target)
        return target


def _own_names(entry: Entry) -> set[str]:
    """FHIR R4, Bundle, resolving references: the full URL, or type and id where it has none."""
    names: set[str] = set()
    if entry.full_url:
        names.add(_plain(entry.full_url))
    found = remote(entry.full_url)
    if found is not None:
        names.add("/".join(found))
    elif not entry.full_url and entry.resource and isinstance(entry.resource.get("id"), str):
        names.add(f"{entry.type}/{entry.resource['id']}")
    return names


def _plain(reference: str) -> str:
    plain = reference.partition("/_history/")[0]
    return plain.lower() if plain[:9].lower() == "urn:uuid:" else plain


def _shown(reference: str) -> str:
    """A reference is repeated to people only in a form that cannot hold anything else."""
    safe = re.fullmatch(r"urn:uuid:[0-9a-fA-F-]{1,64}", reference) or _LOCAL.fullmatch(reference)
    if safe:
        return reference
    kind = reference.partition("?")[0]
    return f"{kind}?…" if kind.isalpha() and kind.isascii() and len(kind) < 40 else "…"
