"""Figures of stain, focus and scanner: kept for each measured slide, summed for each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool, Scope

from . import rows

CHARTED: Final = ("white", "cast", "angle", "haematoxylin", "second", "focus", "artefacts")
"""What is summed for each day, in the order in which the database sums it."""

OTHER: Final = ("blur", "fold", "pen", "tissue_mm2")
"""What is kept of each slide besides: shares of the tissue in [0, 1], and mm²."""

LOOKED: Final = 500
"""The newest slides that are always looked through for one without its figures."""

Figures = Mapping[str, float]
"""By the names of ``CHARTED``, where measured, and ``OTHER``."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of how many slides; the tenth, fiftieth and ninetieth of a hundred of them."""

    slides: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class DayOfSlides:
    """The slides of one day, scanner and stain. ``spreads`` lacks what none of them has."""

    day: date
    scanner: str
    stain: str
    slides: int
    spreads: Mapping[str, Spread]


@dataclass(frozen=True, slots=True)
class Covered:
    """What figures are there of: ``slides`` on the days ``first`` to ``last`` (None where there are
    none), by which ``scanners`` and ``stains``. ``waiting`` are measured slides from before
    figures were kept that are not taken in yet."""

    first: date | None
    last: date | None
    slides: int
    scanners: tuple[str, ...]
    stains: tuple[str, ...]
    waiting: int


class Charting:
    """``pool`` logs in as DbRole.ROOM. Rights are asked for by whoever calls; the figures of days
    are read by what has the whole house in view alone."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._whole = pool.within(WHOLE)

    def some(self, scope: Scope, slides: Sequence[str]) -> dict[str, Figures]:
        """What is known of these; a slide without figures is left out."""
        found = self._pool.within(scope).rows(
            "select q.* from slides.quality q where q.slide = any(%s) and q.legible",
            (list(slides),),
        )
        return {
            row["slide"]: {name: row[name] for name in (*CHARTED, *OTHER) if row[name] is not None}
            for row in found
        }

    def days(self, scanner: str = "", stain: str = "") -> list[DayOfSlides]:
        """By scanner and stain, the first day first; an empty name asks for any."""
        found = self._whole.rows(
            "select * from slides.quality_days where (%(scanner)s = '' or scanner = %(scanner)s)"
            " and (%(stain)s = '' or stain = %(stain)s) order by scanner, stain, day",
            {"scanner": scanner, "stain": stain},
        )
        return [_day(row) for row in found]

    def covered(self) -> Covered:
        """Of all days."""
        groups = self._whole.rows(
            "select scanner, stain, min(day) as first, max(day) as last,"
            " sum(slides)::bigint as slides from slides.quality_days group by scanner, stain"
        )
        (taken,) = self._whole.rows("select waiting from slides.quality_taken")
        return Covered(
            min((row["first"] for row in groups), default=None),
            max((row["last"] for row in groups), default=None),
            sum(row["slides"] for row in groups),
            tuple(sorted({row["scanner"] for row in groups})),
            tuple(sorted({row["stain"] for row in groups})),
            taken["waiting"],
        )

    def keep(self, slide: str, figures: Figures | None) -> None:
        """Of a slide that was measured before; None says that its result cannot be read any more.
        What was measured meanwhile stays."""
        with self._whole.transaction() as connection:
            connection.execute(rows.LOCK, (slide,))
            connection.execute(_INSERT + " on conflict do nothing", _given(slide, figures))

    def settle(self, most: int) -> int:
        """Sums up to so many lines of days anew; returns how many."""
        with self._whole.transaction() as connection:
            row = connection.execute("select slides.settle_quality(%s) as n", (most,)).fetchone()
            return row["n"] if row else 0

    def late(self) -> list[str]:
        """Of the newest slides, those that were measured and have no figures."""
        found = self._whole.rows(
            "select l.id from (select id, number from slides.slide order by number desc limit %s) l"
            + _WITHOUT
            + " order by l.number desc",
            (LOOKED,),
        )
        return [row["id"] for row in found]

    def earlier(self, most: int) -> list[tuple[str, int]]:
        """Slides measured before figures were kept that are not taken in yet, the newest first,
        each with its number. Asked again, the same, until ``taken``."""
        found = self._whole.rows(
            "select l.id, l.number from slides.slide l"
            + _WITHOUT
            + " and l.number < (select below from slides.quality_taken)"
            " order by l.number desc limit %s",
            (most,),
        )
        return [(row["id"], row["number"]) for row in found]

    def taken(self, below: int, slides: int) -> None:
        """So many were taken in: ``earlier`` goes on below that number, 0 where none is left."""
        with self._whole.transaction() as connection:
            connection.execute(
                "update slides.quality_taken set below = least(below, %(below)s), waiting ="
                " case when %(below)s = 0 then 0 else greatest(waiting - %(slides)s, 0) end",
                {"below": below, "slides": slides},
            )


def put(connection: Connection[DictRow], slide: str, figures: Figures) -> None:
    """Keeps the figures of what was measured just now, in place of earlier ones, within the
    caller's transaction; the database sees to the day."""
    connection.execute(_INSERT + _INSTEAD, _given(slide, figures))


def _given(slide: str, figures: Figures | None) -> dict[str, object]:
    said: dict[str, object] = {name: (figures or {}).get(name) for name in CHARTED}
    said |= {name: (figures or {}).get(name, 0.0) for name in OTHER[:3]}
    said |= {"tissue_mm2": (figures or {}).get("tissue_mm2", float("inf"))}
    return {"slide": slide, "legible": figures is not None, **said}


def _day(row: DictRow) -> DayOfSlides:
    spreads = {
        name: Spread(slides, *spread)
        for name, slides, spread in zip(CHARTED, row["measured"], row["spread"], strict=True)
        if slides
    }
    return DayOfSlides(row["day"], row["scanner"], row["stain"], row["slides"], spreads)


_WITHOUT: LiteralString = """
 join slides.standing s on s.slide = l.id
where slides.charted(s.state) and not exists (select from slides.quality q where q.slide = l.id)
and exists (select from slides.run r join slides.outcome o on o.run = r.id
    where r.slide = l.id and o.outcome = 'measured')
"""
_INSERT: LiteralString = (
    'insert into slides.quality (slide, legible, white, "cast", angle, haematoxylin, second, focus,'
    " artefacts, blur, fold, pen, tissue_mm2) values (%(slide)s, %(legible)s, %(white)s, %(cast)s,"
    " %(angle)s, %(haematoxylin)s, %(second)s, %(focus)s, %(artefacts)s, %(blur)s, %(fold)s,"
    " %(pen)s, %(tissue_mm2)s)"
)
_INSTEAD: LiteralString = (
    " on conflict (slide) do update set legible = excluded.legible, white = excluded.white,"
    ' "cast" = excluded."cast", angle = excluded.angle, haematoxylin = excluded.haematoxylin,'
    " second = excluded.second, focus = excluded.focus, artefacts = excluded.artefacts,"
    " blur = excluded.blur, fold = excluded.fold, pen = excluded.pen,"
    " tissue_mm2 = excluded.tissue_mm2"
)
