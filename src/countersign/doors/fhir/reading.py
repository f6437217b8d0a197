"""Read, version read, history and search over REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.responses import Response

from countersign.ground.chart import Reader, Version
from countersign.ground.signoff import Labels, RecallLabel, overlaid
from countersign.kit.clock import stamp
from countersign.kit.json import JSON, encode

from .outcomes import answer

Parameters = Sequence[tuple[str, str]]
IGNORED = ("_format", "_pretty")


def read(reader: Reader, labels: Labels, kind: str, identifier: str, headers: Headers) -> Response:
    """The current version; 304 when the caller has it already."""
    return _one(reader.read(kind, identifier), labels, headers)


def version(
    reader: Reader, labels: Labels, kind: str, identifier: str, number: str, headers: Headers
) -> Response:
    """One version by its number."""
    wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
    return _one(reader.version(kind, identifier, wanted), labels, headers)


def history(reader: Reader, labels: Labels, base: str, kind: str, identifier: str) -> Response:
    """Every version as a bundle, the newest first."""
    versions = reader.history(kind, identifier)
    found = labels.of(versions)
    entries = [_past(base, one, _raw(one, found)) for one in versions]
    return answer(
        _bundle(
            "history", len(versions), [("self", f"{base}/{kind}/{identifier}/_history")], entries
        )
    )


def search(
    reader: Reader, labels: Labels, base: str, kind: str, parameters: Parameters
) -> Response:
    """One page of matches as a searchset bundle."""
    return answer(searchset(reader, labels, base, kind, parameters))


def searchset(
    reader: Reader, labels: Labels, base: str, kind: str, parameters: Parameters
) -> bytes:
    """The bundle's bytes; stored resources are put in as they are, but for a recall's label."""
    asked = [(name, value) for name, value in parameters if name not in IGNORED]
    page = reader.search(kind, asked)
    links = [("self", _address(base, kind, asked))]
    if page.next is not None:
        rest = [(name, value) for name, value in asked if name != "_cursor"]
        links.append(("next", _address(base, kind, [*rest, ("_cursor", page.next)])))
    found = labels.of(page.versions)
    entries = [
        b'{"fullUrl":%b,"resource":%b,"search":{"mode":"match"}}'
        % (encode(f"{base}/{one.type}/{one.id}"), _raw(one, found))
        for one in page.versions
    ]
    return _bundle("searchset", page.total, links, entries)


def labelled(one: Version, labels: Labels) -> bytes:
    """What is stored of one version, with the label of a recall that reaches it."""
    return _raw(one, labels.of([one]))


def etag(number: int) -> str:
    """A weak entity tag of a version."""
    return f'W/"{number}"'


def _one(found: Version, labels: Labels, headers: Headers) -> Response:
    tag = etag(found.version)
    said = {
        "etag": tag,
        "last-modified": format_datetime(found.at.astimezone(UTC), usegmt=True),
    }
    known = {one.strip() for one in headers.get("if-none-match", "").split(",")}
    # A label comes and goes without a new version: who holds a copy from before must not keep it.
    if found.release_id is None and tag in known:
        return Response(status_code=304, headers=said)
    return answer(labelled(found, labels), headers=said)


def _raw(one: Version, labels: Mapping[str, RecallLabel]) -> bytes:
    """What is stored, with the label of a recall laid over it where one reaches it."""
    label = labels.get(one.versioned)
    return overlaid(one.raw, label) if label else one.raw


def _past(base: str, one: Version, stored: bytes) -> bytes:
    method = "DELETE" if one.deleted else "POST" if one.version == 1 else "PUT"
    entry: JSON = {
        "fullUrl": f"{base}/{one.type}/{one.id}",
        "request": {
            "method": method,
            "url": one.type if method == "POST" else f"{one.type}/{one.id}",
        },
        "response": {
            "status": {"POST": "201", "PUT": "200", "DELETE": "204"}[method],
            "etag": etag(one.version),
            "lastModified": stamp(one.at),
        },
    }
    raw = encode(entry)
    return raw if one.deleted else raw[:-1] + b',"resource":' + stored + b"}"


def _address(base: str, kind: str, parameters: Parameters) -> str:
    return f"{base}/{kind}?{urlencode(parameters)}" if parameters else f"{base}/{kind}"


def _bundle(
    kind: str, total: int, links: Sequence[tuple[str, str]], entries: Sequence[bytes]
) -> bytes:
    said: JSON = {
        "resourceType": "Bundle",
        "type": kind,
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links],
    }
    raw = encode(said)
    return raw[:-1] + b',"entry":[' + b",".join(entries) + b"]}" if entries else raw
