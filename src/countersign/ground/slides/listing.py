"""Many slides at once, for lists: each statement walks an index, however many slides there are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, get_args

from countersign.ground.db import Pool, Scope
from countersign.ground.vault import Destroyed, Vault

from . import rows
from .held import Advance, KeptSlide, Match, State

STATES: Final[tuple[State, ...]] = get_args(State)
LAST: Final = 2**63 - 1


class Listing:
    """``pool`` logs in as DbRole.ROOM. Rights are asked for by whoever calls."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    def some(
        self,
        scope: Scope,
        *,
        states: Sequence[str] | None = None,
        stains: Sequence[str] | None = None,
        patients: Sequence[str] | None = None,
        limit: int = 200,
        before: int | None = None,
    ) -> list[KeptSlide]:
        """The newest first; None asks for any, ``before`` is a slide's number."""
        given = {
            "states": list(STATES if states is None else states),
            "stains": None if stains is None else list(stains),
            "patients": None if patients is None else list(patients),
            "limit": limit,
            "before": LAST if before is None else before,
        }
        query = _OF_STATES if stains is None else _OF_STAINS
        query = query if patients is None else _OF_PATIENTS
        return [rows.kept_slide(row) for row in self._pool.within(scope).rows(query, given)]

    def numbered(self, scope: Scope, number: int) -> list[KeptSlide]:
        """The slide of this number, if there is one to be seen."""
        if not 0 < number < LAST:
            return []
        found = self._pool.within(scope).rows(_NUMBERED, {"number": number})
        return [rows.kept_slide(row) for row in found]

    def matches(self, scope: Scope, slides: Sequence[KeptSlide]) -> dict[str, Match]:
        """Whose they are, by slide; without those of nobody, and those whose patient's data were
        destroyed."""
        given = {"slides": [one.id for one in slides], "numbers": [one.matched for one in slides]}
        found = self._pool.within(scope).rows(_MATCHES, given) if slides else []
        matches: dict[str, Match] = {}
        for row in found:
            with suppress(Destroyed):
                matches[row["slide"]] = rows.match_of(self._vault, row)
        return matches

    def advances(self, scope: Scope, slides: Sequence[KeptSlide]) -> dict[str, Advance]:
        """How far the newest run of each is that runs."""
        running = [one.id for one in slides if one.state == "running"]
        found = self._pool.within(scope).rows(_ADVANCES, {"slides": running}) if running else []
        runs = [rows.run_of(row) for row in found]
        return {run.slide: run.advance for run in runs if run.advance is not None}

    def tallies(
        self, scope: Scope, most: int, stains: Sequence[str] | None = None
    ) -> dict[State, int]:
        """How many slides stand in each state, counted as far as ``most``: nobody reads a larger
        number, and everybody would wait for it."""
        given = {
            "states": list(STATES),
            "stains": None if stains is None else list(stains),
            "most": most,
        }
        query = _TALLIES if stains is None else _TALLIES_OF_STAINS
        found = self._pool.within(scope).rows(query, given)
        return {row["state"]: min(most, row["slides"]) for row in found}


# The limit stands within each state (and stain): so the index on them gives the newest in order,
# and what is joined to them are a page's rows alone.
_PAGE: Final = """
order by s.number desc limit %(limit)s)
select s.slide, s.number, s.state, s.code, s.changed_at, s.patient, s.stain, s.matched,
       l.sha256, l.bytes, l.layout, l.suffix, l.kept, l.how, l.at,
       d.format, d.width, d.height, d.levels, d.mpp_x, d.mpp_y, d.scanner
from chosen s join slides.slide l on l.id = s.slide
left join slides.described d on d.slide = s.slide
order by s.number desc
"""
_OF_STATES: Final = (
    """
with chosen as materialized (
select s.* from unnest(%(states)s::text[]) as wanted (state)
cross join lateral (
    select * from slides.standing s where s.state = wanted.state and s.number < %(before)s
    order by s.number desc limit %(limit)s) s
"""
    + _PAGE
)
_OF_STAINS: Final = (
    """
with chosen as materialized (
select s.* from unnest(%(states)s::text[]) as wanted (state)
cross join unnest(%(stains)s::text[]) as dyed (stain)
cross join lateral (
    select * from slides.standing s
    where s.state = wanted.state and s.stain = dyed.stain and s.number < %(before)s
    order by s.number desc limit %(limit)s) s
"""
    + _PAGE
)
_OF_PATIENTS: Final = (
    """
with chosen as materialized (
select s.* from slides.standing s
where s.patient = any(%(patients)s::text[]) and s.state = any(%(states)s::text[])
  and (%(stains)s::text[] is null or s.stain = any(%(stains)s)) and s.number < %(before)s
"""
    + _PAGE
)
_NUMBERED: Final = (
    rows.SLIDES + " where s.slide = (select o.id from slides.slide o where o.number = %(number)s)"
)
_MATCHES: Final = """
select m.* from unnest(%(slides)s::text[], %(numbers)s::integer[]) as wanted (slide, number)
join slides.match m on m.slide = wanted.slide and m.number = wanted.number
"""
# As an array, so that the runs are looked up one by one, whatever their number.
_ADVANCES: Final = (
    rows.RUNS
    + " where r.id = any(array(select (select n.id from slides.run n where n.slide = wanted.slide"
    " order by n.number desc limit 1) from unnest(%(slides)s::text[]) as wanted (slide)))"
)
_TALLIES: Final = """
select wanted.state, (select count(*) from (
    select from slides.standing s where s.state = wanted.state limit %(most)s) one)::integer
    as slides
from unnest(%(states)s::text[]) as wanted (state)
"""
_TALLIES_OF_STAINS: Final = """
select wanted.state, (select count(*) from unnest(%(stains)s::text[]) as dyed (stain)
    cross join lateral (select from slides.standing s
        where s.state = wanted.state and s.stain = dyed.stain limit %(most)s) one)::integer
    as slides
from unnest(%(states)s::text[]) as wanted (state)
"""
