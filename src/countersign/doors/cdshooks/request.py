"""Reads a call of a service; what is wrong in its frame is refused with the field's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from countersign.ground.shell import HookName
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, decode

from .errors import BadHook
from .services import ORDERED, STAYED, Service

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
USER = re.compile(r"[A-Za-z]{1,40}/[A-Za-z0-9\-.]{1,64}")
TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
ORDERS, SELECTIONS, KEYS = 100, 100, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A call whose frame is sound. ``patient`` is the caller's own identifier of the patient;
    ``orders`` and ``prefetch`` are as they were sent and not yet judged.
    """

    hook: HookName
    patient: str
    user: str
    fhir_server: str | None = None
    token: str | None = field(default=None, repr=False)
    orders: tuple[JSON, ...] = field(default=(), repr=False)
    selected: tuple[str, ...] = ()
    prefetch: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


def read(raw: bytes, service: Service) -> Asked:
    """Raises BadHook."""
    try:
        said = decode(raw)
    except CountersignError:
        raise BadHook(reason="the body is no JSON") from None
    body = _object(said, "the body")
    if body.get("hook") != str(service.hook):
        raise BadHook(reason=f"hook must be {service.hook} at this address")
    instance = body.get("hookInstance")
    if not isinstance(instance, str) or not 0 < len(instance) <= 200:
        raise BadHook(reason="hookInstance must be a text")
    context = _object(body.get("context"), "context")
    server, token = _access(body)
    return Asked(
        service.hook,
        _text(context, "patientId", ID),
        _user(context, service.hook),
        server,
        token,
        _orders(context, service.hook),
        _selected(context, service.hook),
        _prefetch(body),
    )


def _object(said: object, name: str) -> JSON:
    if not isinstance(said, dict):
        raise BadHook(reason=f"{name} must be an object")
    return cast("JSON", said)


def _text(said: JSON, name: str, pattern: re.Pattern[str]) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadHook(reason=f"context.{name} is missing or not of its form")
    return value


def _user(context: JSON, hook: HookName) -> str:
    if hook in STAYED:
        _text(context, "encounterId", ID)
    return _text(context, "userId", USER)


def _access(body: JSON) -> tuple[str | None, str | None]:
    """The caller's FHIR server and the token for it."""
    server, access = body.get("fhirServer"), body.get("fhirAuthorization")
    if server is not None and (not isinstance(server, str) or not 0 < len(server) <= 1000):
        raise BadHook(reason="fhirServer must be an address")
    if access is None:
        return server, None
    given = _object(access, "fhirAuthorization")
    token = given.get("access_token")
    bearer = given.get("token_type")
    if server is None or bearer != "Bearer" or not isinstance(token, str):
        raise BadHook(reason="fhirAuthorization needs access_token, token_type and fhirServer")
    if not TOKEN.fullmatch(token):
        raise BadHook(reason="fhirAuthorization.access_token is not of its form")
    return server, token


def _orders(context: JSON, hook: HookName) -> tuple[JSON, ...]:
    if hook not in ORDERED:
        return ()
    bundle = _object(context.get("draftOrders"), "context.draftOrders")
    entries: object = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise BadHook(reason="context.draftOrders must be a Bundle")
    found = cast("list[object]", entries)
    if len(found) > ORDERS:
        raise BadHook(reason=f"context.draftOrders may hold {ORDERS} orders")
    orders = [cast("JSON", one).get("resource") if isinstance(one, dict) else None for one in found]
    return tuple(_object(one, "each resource of context.draftOrders") for one in orders)


def _selected(context: JSON, hook: HookName) -> tuple[str, ...]:
    if hook is not HookName.ORDER_SELECT:
        return ()
    said: object = context.get("selections")
    given = cast("list[object]", said) if isinstance(said, list) else []
    if not 0 < len(given) <= SELECTIONS:
        raise BadHook(reason="context.selections must name what was chosen")
    for one in given:
        if not isinstance(one, str) or not USER.fullmatch(one):
            raise BadHook(reason="context.selections must be references such as Type/id")
    return tuple(cast("list[str]", given))


def _prefetch(body: JSON) -> Mapping[str, Any]:
    said = body.get("prefetch")
    if said is None:
        return {}
    given = _object(said, "prefetch")
    if len(given) > KEYS:
        raise BadHook(reason="prefetch holds more keys than any service asks for")
    return given
