"""The JSON shape of each R4 type: names, lists, JSON types, closed lists of codes.

The models of ``fhir.resources`` forgive what FHIR's JSON does not: ``"6.3"`` for a decimal,
``1`` for true, a number for a date, a string for an object, an empty list. A chart must not
keep what its readers would read differently, so the shape is checked first, by these tables,
which are derived from the same models.
"""

from __future__ import annotations

import datetime
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Union, cast, get_args, get_origin

from fhir.resources.R4B import get_fhir_model_class
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from fhir_core.types import FhirBase

from .problems import MOST, Problem, expression

Model = type[FHIRAbstractModel]
_BASE64 = re.compile(r"[0-9A-Za-z+/\s]*={0,2}\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIGITS, _EXPONENT = 64, 400
_TYPES: dict[object, tuple[str, tuple[type, ...]]] = {
    bool: ("boolean", (bool,)),
    int: ("integer", (int,)),
    Decimal: ("decimal", (int, Decimal)),
    str: ("text", (str,)),
    bytes: ("base64", (str,)),
    datetime.date: ("text", (str,)),
    datetime.datetime: ("text", (str,)),
    datetime.time: ("text", (str,)),
}
_ABSTRACT = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})
_OPEN = frozenset({"formats", "etc."})
"""Words among a list of codes which show that the list describes instead of enumerating."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ``kind`` names its JSON type; ``model`` is set for objects.

    An object without a model is any resource (``contained``, ``Bundle.entry.resource``).
    """

    kind: str
    accepts: tuple[type, ...]
    many: bool
    model: Callable[[], Model] | None = None
    codes: frozenset[str] = frozenset()
    sibling: bool = False


class Shape:
    """Walks one resource and collects its problems; ``depth`` bounds the nesting."""

    def __init__(self, root: str, depth: int, text: int) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._depth = depth
        self._text = text
        self._path: list[str | int] = []

    def resource(self, value: dict[str, Any]) -> None:
        """Checks a resource, contained ones too."""
        name = value.get("resourceType")
        model = resource_model(name) if isinstance(name, str) else None
        if model is None:
            self._report("resource", "resourceType")
            return
        self._object(value, table(model))

    def _object(self, value: dict[str, Any], elements: dict[str, Element]) -> None:
        if not value:
            self._report("empty")
        if len(self._path) > self._depth:
            self._report("deep")
            return
        for name, item in value.items():
            if len(self.problems) >= MOST:
                return
            element = elements.get(name)
            self._path.append(name)
            if element is None:
                if name != "resourceType" or "implicitRules" not in elements:
                    self._report("unknown")
            elif element.many:
                self._list(item, element, value, name)
            elif isinstance(item, list):
                self._report("single")
            else:
                self._one(item, element)
            self._path.pop()

    def _list(self, items: Any, element: Element, parent: dict[str, Any], name: str) -> None:
        if not isinstance(items, list):
            self._report("list")
            return
        if not items:
            self._report("empty")
        # FHIR R4, JSON representation of repeating primitives: a null holds the place of a
        # value that has only extensions, and the other way round.
        gaps = element.sibling or "_" + name in parent
        for position, item in enumerate(cast("list[Any]", items)):
            if item is None and gaps:
                continue
            self._path.append(position)
            self._one(item, element)
            self._path.pop()

    def _one(self, item: Any, element: Element) -> None:
        kind = cast("type[object]", type(item))
        if kind not in element.accepts:
            self._report("null" if item is None else element.kind)
        elif kind is dict:
            if element.model is None:
                self.resource(item)
            else:
                self._object(item, table(element.model()))
        elif kind is str:
            self._string(item, element)
        elif kind is not bool and not _ordinary(item):
            self._report("number")

    def _string(self, item: str, element: Element) -> None:
        if not item:
            self._report("empty")
        elif element.kind == "base64":
            if len(item) % 4 and not re.search(r"\s", item) or not _BASE64.fullmatch(item):
                self._report("base64")
        elif len(item) > self._text:
            self._report("long")
        elif not item.isprintable() and _CONTROL.search(item):
            self._report("control")
        elif element.codes and item not in element.codes:
            self._report("code")

    def _report(self, kind: str, name: str | None = None) -> None:
        path = [*self._path, name] if name else self._path
        self.problems.append(Problem(expression(self._root, path), kind))


def _ordinary(number: int | Decimal) -> bool:
    """Whether a reader can hold it; FHIR asks for 18 significant digits, we keep 64."""
    if isinstance(number, int):
        return abs(number) < 2**63
    return len(number.as_tuple().digits) <= _DIGITS and abs(number.adjusted()) <= _EXPONENT


@lru_cache(maxsize=256)
def resource_model(name: str) -> Model | None:
    """The model of a resource type; None where R4B has no such concrete resource."""
    if not name.isalpha() or name in _ABSTRACT:
        return None
    try:
        model = get_fhir_model_class(name)
    except ValueError:
        return None
    return model if model.has_resource_base() else None


@lru_cache(maxsize=2048)
def table(model: Model) -> dict[str, Element]:
    """The elements that a JSON object of this model may have."""
    elements: dict[str, Element] = {}
    for name, field in model.model_fields.items():
        alias = field.alias or name
        if alias != "fhir_comments":
            extra = cast("dict[str, Any]", field.json_schema_extra or {})
            codes = cast("list[str]", extra.get("enum_values", []))
            elements[alias] = _element(field.annotation, alias, codes)
    return elements


def _element(annotation: Any, alias: str, codes: list[str]) -> Element:
    base, many = _unwrap(annotation)
    if isinstance(base, type) and issubclass(base, FhirBase):
        if base.__name__ == "ResourceType":
            return Element("object", (dict,), many)
        return Element("object", (dict,), many, base.get_model_klass, sibling=alias[0] == "_")
    kind, accepts = _TYPES.get(cast("object", base), ("text", (str,)))
    # A list that ends in "+" is the beginning of a longer one.
    closed = frozenset[str]() if "+" in codes or _OPEN.intersection(codes) else frozenset(codes)
    return Element(kind, accepts, many, codes=closed)


def _unwrap(annotation: Any) -> tuple[Any, bool]:
    """The innermost type, and whether it stands in a list."""
    many = False
    while True:
        origin = get_origin(annotation)
        inner = [one for one in get_args(annotation) if one is not type(None)]
        if origin is Annotated or origin in (Union, types.UnionType):
            annotation = inner[0]
        elif origin is list:
            many, annotation = True, inner[0]
        else:
            return annotation, many
