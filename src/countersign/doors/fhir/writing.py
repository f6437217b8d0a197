"""Create, update, delete, batch and transaction: each becomes a bundle for the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response

from countersign.ground.chart import (
    Chart,
    NotABundle,
    Reader,
    Refusal,
    Unsupported,
    Written,
    check_limits,
)
from countersign.ground.identity import Policy, Principal
from countersign.ground.signoff import Labels
from countersign.kit.clock import stamp
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, decode, encode

from .outcomes import answer, outcome
from .reading import etag, labelled, searchset

SOURCE = "fhir"
_WAYS = {"POST": "c", "PUT": "u", "DELETE": "d"}
"""The letter of a SMART scope that each way to write needs."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What one client sends. Its departments are those of patients whom it creates."""

    chart: Chart
    policy: Policy
    principal: Principal
    base: str

    def create(self, kind: str, raw: bytes, headers: Headers) -> Response:
        """201 with Location, or 200 when If-None-Exist found one."""
        request: JSON = {"method": "POST", "url": kind}
        if condition := headers.get("if-none-exist"):
            request["ifNoneExist"] = condition
        return self._single(kind, raw, request)

    def update(self, kind: str, identifier: str, raw: bytes, headers: Headers) -> Response:
        """200, or 201 when the client chose the identifier; If-Match guards the version."""
        request: JSON = {"method": "PUT", "url": f"{kind}/{identifier}"}
        if condition := headers.get("if-match"):
            request["ifMatch"] = condition
        return self._single(kind, raw, request)

    def delete(self, kind: str, identifier: str, headers: Headers) -> Response:
        """204; every version stays in the history."""
        request: JSON = {"method": "DELETE", "url": f"{kind}/{identifier}"}
        if condition := headers.get("if-match"):
            request["ifMatch"] = condition
        self._receive(
            {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}
        )
        return Response(status_code=204)

    def bundle(self, raw: bytes, labels: Labels) -> Response:
        """A batch or a transaction; reads in it are answered after its writes."""
        bundle = self._read(raw)
        if bundle.get("type") not in ("batch", "transaction"):
            raise NotABundle
        entries = _entries(bundle)
        reads = {place for place, entry in enumerate(entries) if _method(entry) == "GET"}
        writes = [place for place in range(len(entries)) if place not in reads]
        answers: dict[int, JSON] = {}
        if writes:
            received = self._receive({**bundle, "entry": [entries[place] for place in writes]})
            for place, one in zip(writes, received, strict=True):
                answers[place] = self._said(one)
        for place in reads:
            answers[place] = self._answered(entries[place], labels)
        said = {
            "resourceType": "Bundle",
            "type": f"{bundle['type']}-response",
            "entry": [answers[place] for place in range(len(entries))],
        }
        return answer(encode(said))

    def _single(self, kind: str, raw: bytes, request: JSON) -> Response:
        resource = self._read(raw)
        if resource.get("resourceType") != kind:
            raise Unsupported(0, kind, what="a resource of another type than the address names")
        bundle: JSON = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"resource": resource, "request": request}],
        }
        one = self._receive(bundle)[0]
        if isinstance(one, Refusal):
            return answer(encode(outcome(one.code, one.status, one.sentence)), one.status)
        where = f"{self.base}/{one.type}/{one.id}"
        headers = {"etag": etag(one.version), "location": f"{where}/_history/{one.version}"}
        current = self.chart.reader(self.principal).read(one.type, one.id)
        return answer(current.raw, 201 if one.created else 200, headers)

    def _receive(self, bundle: JSON) -> Sequence[Written | Refusal]:
        for entry in _entries(bundle):
            kind = str(_request(entry).get("url", "")).partition("?")[0].partition("/")[0]
            if way := _WAYS.get(_method(entry)):
                self.policy.require_scope(self.principal, way, kind)
        departments = sorted(self.principal.departments)
        return self.chart.receive(
            self.principal, bundle, source=SOURCE, departments=departments
        ).outcomes

    def _read(self, raw: bytes) -> JSON:
        check_limits(raw, self.chart.limits)
        content = decode(raw)
        if not isinstance(content, dict):
            raise NotABundle
        return cast("JSON", content)

    def _said(self, one: Written | Refusal) -> JSON:
        if isinstance(one, Refusal):
            said = outcome(one.code, one.status, one.sentence)
            return {"response": {"status": str(one.status), "outcome": said}}
        status = "204" if one.deleted else "201" if one.created else "200"
        return {
            "response": {
                "status": status,
                "location": f"{self.base}/{one.type}/{one.id}/_history/{one.version}",
                "etag": etag(one.version),
                "lastModified": stamp(one.at),
            }
        }

    def _answered(self, entry: JSON, labels: Labels) -> JSON:
        url = str(_request(entry).get("url", ""))
        try:
            kind, _, rest = url.partition("?")[0].strip("/").partition("/")
            self.policy.require_scope(self.principal, "r" if rest else "s", kind)
            reader = self.chart.reader(self.principal)
            found = _look_up(reader, labels, self.base, url)
            return {"resource": found, "response": {"status": "200"}}
        except CountersignError as problem:
            said = outcome(problem.code, problem.status, problem.sentence())
            return {"response": {"status": str(problem.status), "outcome": said}}


def _entries(bundle: JSON) -> list[JSON]:
    given = bundle.get("entry", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):  # pyright: ignore[reportUnknownVariableType]
        raise NotABundle
    return cast("list[JSON]", given)


def _request(entry: JSON) -> JSON:
    request = entry.get("request")
    return cast("JSON", request) if isinstance(request, dict) else {}


def _method(entry: JSON) -> str:
    return str(_request(entry).get("method", ""))


def _look_up(reader: Reader, labels: Labels, base: str, url: str) -> object:
    path, _, query = url.partition("?")
    parts = path.strip("/").split("/")
    looks: dict[int, Callable[[], object]] = {
        1: lambda: decode(searchset(reader, labels, base, parts[0], parse_qsl(query))),
        2: lambda: decode(labelled(reader.read(parts[0], parts[1]), labels)),
        4: lambda: decode(labelled(reader.version(parts[0], parts[1], int(parts[3])), labels)),
    }
    look = looks.get(len(parts))
    if look is None or (len(parts) == 4 and not parts[3].isdecimal()):
        raise Unsupported(0, "Bundle", what=f"a read of {path[:60]}")
    return look()
