"""Reads a bundle, or a single resource, as a list of things to create, change or delete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast

from countersign.kit.json import JSON, decode

from . import limits as bounds
from .errors import NotABundle, Refusal, Refused, TooLarge, UnsignedAI, Unsupported
from .labels import labelled
from .limits import Limits
from .shape import resource_model

Mode = Literal["transaction", "batch"]
Method = Literal["POST", "PUT", "DELETE"]

IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NEVER_KEPT = frozenset({"Bundle", "OperationOutcome", "Parameters", "SubscriptionStatus"})
_PLAIN = frozenset({"collection", "searchset", "document"})
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')
_URL = re.compile(r"([A-Z][A-Za-z]+)(?:/([A-Za-z0-9.-]{1,64}))?")
_REMOTE = re.compile(r"https?://\S+/([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``id`` is the one it asks for, ``expected`` the version it replaces."""

    index: int
    method: Method
    type: str
    id: str | None
    resource: JSON | None
    full_url: str | None = None
    expected: int | None = None
    if_none_exist: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """``entries`` in their order; of a batch, those that cannot be read are refusals."""

    mode: Mode
    entries: tuple[Entry | Refusal, ...]


def read(raw: bytes, limits: Limits) -> Bundle:
    """Raises TooLarge, MalformedJSON, NotABundle and what else is wrong with an entry."""
    bounds.check(raw, limits)
    value = decode(raw)
    if not isinstance(value, dict):
        raise NotABundle
    content = cast("JSON", value)
    if content.get("resourceType") != "Bundle":
        return Bundle("transaction", (_single(content, 0, None),))
    kind, entries = content.get("type"), content.get("entry", [])
    if kind not in {"transaction", "batch", *_PLAIN} or not isinstance(entries, list):
        raise NotABundle
    if labelled(content.get("meta")):
        raise UnsignedAI(0, "Bundle")
    found = cast("list[Any]", entries)
    if len(found) > limits.entries:
        raise TooLarge(limit=limits.entries, unit="entries")
    mode: Mode = "batch" if kind == "batch" else "transaction"
    plain = kind in _PLAIN
    return Bundle(mode, tuple(_read(one, at, plain, mode) for at, one in enumerate(found)))


def remote(full_url: str | None) -> tuple[str, str] | None:
    """Type and id of a RESTful address."""
    match = _REMOTE.fullmatch(full_url or "")
    return (match.group(1), match.group(2)) if match else None


def _read(entry: Any, index: int, plain: bool, mode: Mode) -> Entry | Refusal:
    try:
        if not isinstance(entry, dict):
            raise NotABundle(index)
        return _entry(cast("JSON", entry), index, plain)
    except Refused as problem:
        if mode == "transaction":
            raise
        return problem.refusal()


def _entry(entry: JSON, index: int, plain: bool) -> Entry:
    full_url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(full_url, str | None) or not isinstance(resource, dict | None):
        raise NotABundle(index)
    if plain:
        if resource is None:
            raise NotABundle(index)
        return _single(cast("JSON", resource), index, full_url)
    request = entry.get("request")
    if not isinstance(request, dict):
        raise Unsupported(index, "Bundle", what="an entry without a request")
    return _requested(cast("JSON", request), cast("JSON | None", resource), index, full_url)


def _single(resource: JSON, index: int, full_url: str | None) -> Entry:
    """A resource without a request: kept under its own identifier where it has one."""
    kind, identifier = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not _is_kept(kind):
        raise NotABundle(index)
    if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
        return Entry(index, "POST", kind, None, resource, full_url)
    return Entry(index, "PUT", kind, identifier, resource, full_url)


def _requested(request: JSON, resource: JSON | None, index: int, full_url: str | None) -> Entry:
    method, url = request.get("method"), request.get("url")
    match = _URL.fullmatch(url) if isinstance(url, str) else None
    if match is None or not _is_kept(match.group(1)):
        raise Unsupported(index, "Bundle", what="the address of its request")
    kind, identifier = match.group(1), match.group(2)
    if method not in ("POST", "PUT", "DELETE") or (method == "POST") != (identifier is None):
        raise Unsupported(index, kind, what="its method, or its method at this address")
    if method == "DELETE":
        resource = None
    elif resource is None or resource.get("resourceType") != kind:
        raise Unsupported(index, kind, what="a request without the resource that it names")
    elif method == "PUT" and resource.get("id") != identifier:
        raise Unsupported(index, kind, what="an identifier that differs from the address")
    if method == "POST" and isinstance(resource, dict) and not _is_id(resource.get("id")):
        raise Unsupported(index, kind, what="an identifier that FHIR does not allow")
    condition = _condition(request, kind, index) if method == "POST" else None
    expected = _expected(request, kind, index)
    return Entry(index, method, kind, identifier, resource, full_url, expected, condition)


def _is_kept(kind: str) -> bool:
    return kind not in _NEVER_KEPT and resource_model(kind) is not None


def _is_id(value: object) -> bool:
    return value is None or isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None


def _expected(request: JSON, kind: str, index: int) -> int | None:
    match = request.get("ifMatch")
    if match is None:
        return None
    found = _ETAG.fullmatch(match) if isinstance(match, str) else None
    if found is None:
        raise Unsupported(index, kind, what='an ifMatch other than W/"3"')
    return int(found.group(1))


def _condition(request: JSON, kind: str, index: int) -> str | None:
    """``ifNoneExist`` as the key under which it is looked up."""
    asked = request.get("ifNoneExist")
    if asked is None:
        return None
    if not isinstance(asked, str):
        raise Unsupported(index, kind, what="its ifNoneExist")
    query = asked.removeprefix("?").removeprefix(f"{kind}?")
    key = condition_key(f"{kind}?{query}")
    if key is None:
        raise Unsupported(index, kind, what="an ifNoneExist other than identifier=system|value")
    return key


def condition_key(text: str) -> str | None:
    """``Type?identifier=system|value``, or None for any other condition."""
    kind, _, query = text.partition("?")
    name, _, value = query.partition("=")
    if resource_model(kind) is None or name != "identifier" or "&" in value:
        return None
    system, bar, code = _unescaped(value).partition("|")
    if not bar or not system or not code or len(text) > 1024:
        return None
    return f"{kind}?identifier={system}|{code}"


def _unescaped(text: str) -> str:
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found.group(1), 16)), text)
