"""Reads what an app asks for: SMART App Launch 2 scopes, with the forms of version 1 mapped.

Source: SMART App Launch 2.2, "Scopes and Launch Context". The ways are create, read, update,
delete and search, each a letter, in this order; version 1 says ``read``, ``write`` or ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from countersign.kit.errors import CountersignError

WAYS: Final = "cruds"
READING: Final = frozenset("rs")
LEVELS: Final = ("patient", "user", "system")
CONTEXTS: Final = frozenset(
    {
        "openid",
        "fhirUser",
        "profile",
        "launch",
        "launch/patient",
        "offline_access",
        "online_access",
    }
)
"""Scopes that name no resource and are understood; any other that has no level is left out."""

LONGEST, MOST = 4096, 100
_OLD = {"read": "rs", "write": "cud", "*": WAYS}
_SCOPE = re.compile(
    r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|c?r?u?d?s?)", re.ASCII
)
_OURS = re.compile(r"(patient|user|system)/")
_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class BadScope(CountersignError):
    code = "identity.bad_scope"
    status = 400
    message = "The scope {scope} is refused. {reason}"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One right: ``level`` patient, user or system, ``kind`` a type or ``*``, ``ways`` letters."""

    level: str
    kind: str
    ways: str

    def __str__(self) -> str:
        return f"{self.level}/{self.kind}.{self.ways}"

    def covers(self, kind: str, way: str) -> bool:
        """Whether it names this way (one letter of ``cruds``) to use this type."""
        return way in self.ways and self.kind in ("*", kind)

    def met(self, other: Scope) -> Scope | None:
        """What both allow, or None."""
        kinds = {self.kind, other.kind}
        ways = "".join(way for way in self.ways if way in other.ways)
        if self.level != other.level or not ways or (len(kinds) == 2 and "*" not in kinds):
            return None
        return Scope(self.level, next(iter(kinds - {"*"}), "*"), ways)


@dataclass(frozen=True, slots=True)
class Scopes:
    """What was asked for or granted: rights, and words such as ``openid`` of ``CONTEXTS``."""

    rights: tuple[Scope, ...] = ()
    context: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join([*sorted(self.context), *map(str, self.rights)])

    @property
    def listed(self) -> list[str]:
        """Each scope by itself, as it is stored."""
        return str(self).split()

    def of(self, *levels: str) -> tuple[Scope, ...]:
        """The rights of these levels."""
        return tuple(one for one in self.rights if one.level in levels)

    def within(self, other: Scopes) -> Scopes:
        """What both allow: an app never gets more than it was registered for."""
        met = (one.met(two) for one in self.rights for two in other.rights)
        return Scopes(_merged(one for one in met if one), self.context & other.context)

    def only(self, ways: Iterable[str]) -> Scopes:
        """The same with these ways alone."""
        kept = frozenset(ways)
        cut = (
            Scope(one.level, one.kind, "".join(way for way in one.ways if way in kept))
            for one in self.rights
        )
        return Scopes(_merged(one for one in cut if one.ways), self.context)


def right(text: str) -> Scope:
    """One scope that names a resource type. Raises BadScope."""
    shown = text[:80] if text.isprintable() else "?"
    if "?" in text:
        raise BadScope(scope=shown, reason="Narrowing by search parameters is not offered here.")
    match = _SCOPE.fullmatch(text)
    if match is None or not match[3]:
        raise BadScope(
            scope=shown,
            reason="Write a level, a type and the ways in the order of “cruds”, such as "
            "patient/Observation.rs.",
        )
    return Scope(match[1], match[2], _OLD.get(match[3], match[3]))


def read_scopes(text: str | Iterable[str]) -> Scopes:
    """The scopes of a request, separated by spaces. Raises BadScope.

    Words that are not understood are left out, as RFC 6749 (3.3) lets a server do; what looks
    like a right and is none is an error, so that nobody believes to have less than they got.
    """
    words = text.split(" ") if isinstance(text, str) else list(text)
    words = [word for word in words if word]
    if sum(map(len, words)) > LONGEST or len(words) > MOST:
        raise BadScope(scope="…", reason="Ask for fewer scopes.")
    for word in words:
        if not _TOKEN.fullmatch(word):
            raise BadScope(scope="?", reason="It holds a sign that no scope may have.")
    rights = _merged(right(word) for word in words if _OURS.match(word))
    return Scopes(rights, frozenset(words) & CONTEXTS)


def readable(texts: Iterable[str]) -> tuple[Scope, ...]:
    """The rights among stored scopes; whatever is none gives no right."""
    return tuple(
        Scope(match[1], match[2], _OLD.get(match[3], match[3]))
        for match in map(_SCOPE.fullmatch, texts)
        if match is not None and match[3]
    )


def _merged(rights: Iterable[Scope]) -> tuple[Scope, ...]:
    """Sorted, the ways of the same level and type together."""
    together: dict[tuple[str, str], set[str]] = {}
    for one in rights:
        together.setdefault((one.level, one.kind), set()).update(one.ways)
    return tuple(
        Scope(level, kind, "".join(way for way in WAYS if way in ways))
        for (level, kind), ways in sorted(together.items())
    )
