"""FHIR R4 validation of one resource: the JSON shape first, then the models of R4B."""

from __future__ import annotations

from pydantic import ValidationError

from countersign.kit.json import JSON, encode

from .limits import Limits, values
from .problems import MOST, Problem, expression
from .shape import Shape, resource_model

_KINDS = {
    "model_field_validation.missing": "missing",
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_pattern_mismatch": "format",
    "string_too_long": "long",
    "model_validation_format": "type",
}


def validate(resource: JSON, limits: Limits, raw: bytes | None = None) -> tuple[Problem, ...]:
    """What is wrong, at most 20 problems; empty when the resource is valid.

    ``raw`` is the resource as kit.json encodes it, where the caller has it already.
    """
    root = str(resource.get("resourceType"))
    encoded = encode(resource) if raw is None else raw
    if values(encoded) > limits.resource_values:
        return (Problem(expression(root, ()), "long"),)
    shape = Shape(root, limits.depth, limits.text)
    shape.resource(resource)
    if shape.problems:
        return tuple(shape.problems[:MOST])
    return _by_model(resource, root)


def _by_model(resource: JSON, root: str) -> tuple[Problem, ...]:
    model = resource_model(root)
    if model is None:
        return (Problem(expression(root, ("resourceType",)), "resource"),)
    try:
        model.model_validate(resource)
    except ValidationError as problem:
        found = problem.errors(include_url=False, include_context=False, include_input=False)
        return tuple(
            Problem(expression(root, one["loc"]), _kind(one["type"], one["msg"]))
            for one in found[:MOST]
        )
    return ()


def _kind(code: str, message: str) -> str:
    if code == "value_error":
        return "choice" if "one field value is expected" in message else "format"
    return _KINDS.get(code, "type" if code.endswith("_type") else "format")
