"""Read, version read, history and search over REST."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.responses import Response

from countersign.ground.chart import Reader, Version
from countersign.kit.clock import stamp
from countersign.kit.json import JSON, encode

from .outcomes import answer

Parameters = Sequence[tuple[str, str]]
IGNORED = ("_format", "_pretty")


def read(reader: Reader, kind: str, identifier: str, headers: Headers) -> Response:
    """The current version; 304 when the caller has it already."""
    return _one(reader.read(kind, identifier), headers)


def version(reader: Reader, kind: str, identifier: str, number: str, headers: Headers) -> Response:
    """One version by its number."""
    wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
    return _one(reader.version(kind, identifier, wanted), headers)


def history(reader: Reader, base: str, kind: str, identifier: str) -> Response:
    """Every version as a bundle, the newest first."""
    versions = reader.history(kind, identifier)
    entries = [_past(base, one) for one in versions]
    return answer(
        _bundle(
            "history", len(versions), [("self", f"{base}/{kind}/{identifier}/_history")], entries
        )
    )


def search(reader: Reader, base: str, kind: str, parameters: Parameters) -> Response:
    """One page of matches as a searchset bundle."""
    return answer(searchset(reader, base, kind, parameters))


def searchset(reader: Reader, base: str, kind: str, parameters: Parameters) -> bytes:
    """The bundle's bytes; stored resources are put in as they are."""
    asked = [(name, value) for name, value in parameters if name not in IGNORED]
    page = reader.search(kind, asked)
    links = [("self", _address(base, kind, asked))]
    if page.next is not None:
        rest = [(name, value) for name, value in asked if name != "_cursor"]
        links.append(("next", _address(base, kind, [*rest, ("_cursor", page.next)])))
    entries = [
        b'{"fullUrl":%b,"resource":%b,"search":{"mode":"match"}}'
        % (encode(f"{base}/{one.type}/{one.id}"), one.raw)
        for one in page.versions
    ]
    return _bundle("searchset", page.total, links, entries)


def etag(number: int) -> str:
    """A weak entity tag of a version."""
    return f'W/"{number}"'


def _one(found: Version, headers: Headers) -> Response:
    tag = etag(found.version)
    said = {
        "etag": tag,
        "last-modified": format_datetime(found.at.astimezone(UTC), usegmt=True),
    }
    known = {one.strip() for one in headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Response(status_code=304, headers=said)
    return answer(found.raw, headers=said)


def _past(base: str, one: Version) -> bytes:
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
    return raw if one.deleted else raw[:-1] + b',"resource":' + one.raw + b"}"


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
