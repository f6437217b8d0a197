"""Errors as FHIR OperationOutcome, and the answers every handler gives."""

from __future__ import annotations

from starlette.responses import Response

from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, encode

FHIR_JSON = "application/fhir+json; charset=utf-8"

_ISSUES = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 409: "conflict",
    410: "deleted", 412: "conflict", 413: "too-long", 422: "processing", 423: "lock-error",
    429: "throttled", 503: "transient",
}  # fmt: skip
"""Codes of http://hl7.org/fhir/R4/valueset-issue-type.html by HTTP status."""


class NoToken(CountersignError):
    code = "fhir.no_token"
    status = 401
    message = "Send the token that the administrator issued: “Authorization: Bearer …”."


class NotOffered(CountersignError):
    code = "fhir.not_offered"
    status = 404
    message = "This address offers nothing. GET /fhir/metadata lists what is offered."


class NotJSON(CountersignError):
    code = "fhir.not_json"
    status = 415
    message = "Send FHIR as JSON with the content type application/fhir+json."


def outcome(code: str, status: int, sentence: str) -> JSON:
    """An OperationOutcome with one issue; ``code`` is the house's stable error code."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": _ISSUES.get(status, "exception"),
                "details": {"coding": [{"system": "urn:countersign:error", "code": code}]},
                "diagnostics": sentence,
            }
        ],
    }


def failed(problem: CountersignError) -> Response:
    """The answer to a request that could not be served."""
    said = outcome(problem.code, problem.status, problem.sentence())
    headers = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
    return answer(encode(said), problem.status, headers)


def answer(raw: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """FHIR JSON as it is stored or encoded."""
    return Response(raw, status, headers, media_type=FHIR_JSON)
