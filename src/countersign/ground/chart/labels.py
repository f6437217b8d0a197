"""Recognises what claims to come from an AI, so that it cannot come in from outside.

Codes: ``AIAST`` of HL7 v3 ObservationValue; ``AIRPT``, ``CLINAST_AIRPT`` and ``AIAST_CLINRPT``
of the HL7 guide *AI Transparency on FHIR* 1.0.0-ballot (value set ProvenanceVS, April 2026),
on the resource, on an element (inline label) or in a contained resource; its profiles; and a
Provenance in which a Device is the author, which that guide uses for a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from countersign.kit.json import JSON

CODES = frozenset({"AIAST", "AIRPT", "CLINAST_AIRPT", "AIAST_CLINRPT"})
_HINTS = (b"aiast", b"airpt", b"aitransparency", b"provenance")
_SYSTEMS = ("observationvalue", "aitransparency")
_GUIDE = "/uv/aitransparency/"
_AUTHORS = frozenset({"author", "AUT"})


def labelled(meta: object) -> bool:
    """Whether a ``meta`` element says that an AI asserted what it stands on."""
    return isinstance(meta, dict) and _labelled(cast("JSON", meta))


def claims_ai(resource: JSON, raw: bytes, kind_of: Callable[[str], str | None]) -> bool:
    """Whether the resource, or anything inside it, says that an AI asserted it.

    ``raw`` is the same as encoded by kit.json; ``kind_of`` gives the type that a reference
    of the bundle points to.
    """
    lowered = raw.lower()
    if not any(hint in lowered for hint in _HINTS):
        return False
    return any(_says_so(node) for node in _objects(resource)) or any(
        _by_device(node, kind_of)
        for node in _objects(resource)
        if node.get("resourceType") == "Provenance"
    )


def _says_so(node: JSON) -> bool:
    if labelled(node.get("meta")):
        return True
    code, system = node.get("code"), node.get("system")
    if isinstance(code, str) and code.upper() in CODES and isinstance(system, str):
        return any(part in system.lower() for part in _SYSTEMS)
    return False


def _labelled(meta: JSON) -> bool:
    """In meta.security the code alone is enough, whatever system it claims to be from."""
    labels = [*_dicts(meta.get("security")), *_dicts(meta.get("tag"))]
    if any(str(label.get("code", "")).strip().upper() in CODES for label in labels):
        return True
    profiles = meta.get("profile")
    return isinstance(profiles, list) and any(
        _GUIDE in str(one).lower() for one in cast("list[Any]", profiles)
    )


def _by_device(provenance: JSON, kind_of: Callable[[str], str | None]) -> bool:
    devices = {
        f"#{one.get('id')}"
        for one in _dicts(provenance.get("contained"))
        if one.get("resourceType") == "Device"
    }
    for agent in _dicts(provenance.get("agent")):
        roles = [agent.get("type"), *cast("list[Any]", agent.get("role", []))]
        codes = {str(c.get("code")) for role in _dicts(roles) for c in _dicts(role.get("coding"))}
        who = cast("JSON", agent.get("who", {}))
        reference = str(who.get("reference", ""))
        device = (
            who.get("type") == "Device" or reference in devices or kind_of(reference) == "Device"
        )
        # An agent without a role may be the author: what is not said is not assumed innocent.
        if device and (not codes or codes & _AUTHORS):
            return True
    return False


def _dicts(value: Any) -> list[JSON]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("JSON", one) for one in items if isinstance(one, dict)]


def _objects(value: Any) -> Iterator[JSON]:
    if isinstance(value, dict):
        node = cast("JSON", value)
        yield node
        for item in node.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _objects(item)
