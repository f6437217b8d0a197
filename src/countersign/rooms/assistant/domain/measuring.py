"""What of the assistant's measures stands in the chart, and what is missing or old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .assistant import Assistant, Measure
from .naming import names
from .points import Known

LOOKED_IN = ("Observation", "DiagnosticReport", "Procedure")
_VOID = {"entered-in-error", "cancelled", "not-done", "unknown"}
_SIGNS = {"H": "↑", "HH": "↑", "HU": "↑", "L": "↓", "LL": "↓", "LU": "↓"}


@dataclass(frozen=True, slots=True)
class Missing:
    """A measure that the chart lacks, or whose newest entry is older than it should be."""

    measure: Measure
    last: date | None

    @property
    def words(self) -> Words:
        """What a person reads."""
        name = self.measure.name
        if self.last is None:
            return Words(f"{name.en}: not in the chart", f"{name.zh}：病历中未见")
        return Words(
            f"{name.en}: last on {self.last}, more than {self.measure.days} days ago",
            f"{name.zh}：最近一次为 {self.last}，已超过 {self.measure.days} 天",
        )


def measured(
    assistant: Assistant,
    resources: Iterable[tuple[JSON, str]],
    problems: Sequence[str],
    today: date,
) -> tuple[list[Known], list[Missing]]:
    """What is known of the measures that patients with these problems (ICD-10 codes) need.

    ``resources`` are pairs of a resource and its versioned reference.
    """
    looked = [pair for pair in resources if _counts(pair[0])]
    known: list[Known] = []
    missing: list[Missing] = []
    for measure in assistant.measures:
        if measure.problems and not any(one.startswith(measure.problems) for one in problems):
            continue
        found = [pair for pair in looked if _is(measure, pair[0])]
        newest = max(found, key=lambda pair: when(pair[0]), default=None)
        day = _day(when(newest[0])) if newest else None
        if newest is not None:
            known.append(Known("result", _label(measure, newest[0], day), newest[1], measure.words))
        if newest is None or (day is not None and (today - day).days > measure.days):
            missing.append(Missing(measure, day))
    return known, missing


def when(resource: JSON) -> str:
    """When it was, as the resource says it; "" where it does not."""
    for name in ("effectiveDateTime", "performedDateTime", "issued"):
        if isinstance(resource.get(name), str):
            return str(resource[name])
    for name in ("effectivePeriod", "performedPeriod"):
        period = _map(resource.get(name))
        if period:
            return str(period.get("start", period.get("end", "")))
    return ""


def _counts(resource: JSON) -> bool:
    """What a model asserted is no result; neither is what was taken back."""
    labels = [
        str(_map(one).get("code", "")) for one in _list(_map(resource.get("meta")), "security")
    ]
    return (
        resource.get("resourceType") in LOOKED_IN
        and resource.get("status") not in _VOID
        and not any(one.startswith("AIAST") for one in labels)
    )


def _is(measure: Measure, resource: JSON) -> bool:
    concept = _map(resource.get("code"))
    codes = {str(_map(one).get("code", "")) for one in _list(concept, "coding")}
    said = [str(concept.get("text", ""))]
    said += [str(_map(one).get("display", "")) for one in _list(concept, "coding")]
    return bool(codes & measure.codes) or any(names(measure.words, one) for one in said)


def _label(measure: Measure, resource: JSON, day: date | None) -> Words:
    quantity = _map(resource.get("valueQuantity"))
    value = " ".join(str(quantity[name]) for name in ("value", "unit") if name in quantity)
    value = value or str(resource.get("valueString", ""))[:60]
    value = value or str(_map(resource.get("valueCodeableConcept")).get("text", ""))[:60]
    flags = [
        _SIGNS.get(str(_map(code).get("code", "")), "")
        for one in _list(resource, "interpretation")
        for code in _list(_map(one), "coding")
    ]
    shown = " ".join(filter(None, (value, next(filter(None, flags), ""))))
    en = f"{measure.name.en} {shown}".strip()
    zh = f"{measure.name.zh} {shown}".strip()
    return Words(f"{en} ({day})", f"{zh}（{day}）") if day else Words(en, zh)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(holder: Mapping[str, Any], name: str) -> list[object]:
    value = holder.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []
