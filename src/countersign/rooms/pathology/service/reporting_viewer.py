"""What the viewer is told of a slide before any nucleus, and after each correction."""

from __future__ import annotations

from typing import Any

from countersign.kit.json import JSON
from countersign.kit.words import Language
from countersign.rooms.pathology.domain.ki67 import Count
from countersign.rooms.pathology.domain.measured import Region

from .reporting import Sight, figures
from .reporting_text import value_of


def told(
    described: JSON,
    address: str,
    seen: Sight | None,
    language: Language,
    *,
    editable: bool,
    analysed: bool,
) -> JSON:
    """``described`` is the tile service's description of the slide; ``address`` that of its page.

    Without ``seen`` the slide is shown alone.
    """
    found: JSON = {
        **described,
        "tiles": f"{address}/tiles",
        "nuclei": f"{address}/nuclei" if seen is not None and analysed else None,
        "run": seen.run.id if seen is not None else None,
        "analysis": seen.run.analysis if seen is not None else None,
        "rules": {"positive": 0.2, "grades": [0.2, 0.4, 0.6], "tumourFrom": 0.5},
        "regions": [],
        "corrections": [],
        "save": f"{address}/corrections" if editable else None,
        "figures": None,
        "rows": [],
    }
    if seen is None:
        return found
    found["rules"] = {
        "positive": seen.rules.grades[0],
        "grades": list(seen.rules.grades),
        "tumourFrom": seen.rules.tumour_from,
    }
    found["regions"] = regions(seen)
    found["corrections"] = [
        {"kind": one.kind, "value": dict(one.value), "number": one.number}
        for one in seen.corrections
    ]
    found["figures"] = said(seen.count)
    found["rows"] = rows(seen, language)
    return found


def regions(seen: Sight) -> list[JSON]:
    """What the program outlined. Hotspots of Ki-67 are not among it: the viewer finds them itself,
    to follow at once."""
    own = [one for one in seen.findings.regions if seen.counted is None or one.kind != "hotspot"]
    return [_region(one) for one in (*seen.areas, *own)]


def rows(seen: Sight, language: Language) -> list[JSON]:
    """The figures as they are reported: code, title and value of each."""
    return [
        {"code": one.code, "title": one.title.into(language), "value": value_of(one)}
        for one in figures(seen)
    ]


def confirmed(seen: Sight, number: int, language: Language) -> JSON:
    """The answer to a correction: its number, and what holds now. On H&E the program's outlines
    follow from what was drawn."""
    return {
        "number": number,
        "figures": said(seen.count),
        "rows": rows(seen, language),
        "regions": None if seen.counted is not None else regions(seen),
        "limits": [one.into(language) for one in seen.limits],
    }


def said(count: Count | None) -> JSON | None:
    """The server's own figure, which the viewer lays beside what it counted itself."""
    if count is None:
        return None
    low, high = count.interval
    return {
        "total": count.total,
        "positive": count.positive,
        "share": count.share,
        "low": low,
        "high": high,
    }


def _region(one: Region) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "outline": [[round(float(x), 1), round(float(y), 1)] for x, y in one.outline.points],
        "holes": [
            [[round(float(x), 1), round(float(y), 1)] for x, y in hole.points] for hole in one.holes
        ],
    }
