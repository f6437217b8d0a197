"""Finds slides by what a person types or a reader of barcodes sends: a patient, a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from countersign.ground.chart import PatientFilter
from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal, scope_of
from countersign.ground.shell import Floor
from countersign.ground.slides import KeptSlide, State, Told
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.label import numbers_of

PEOPLE: Final = 50
"""Patients of one name whose slides are shown."""

NOBODYS: Final = 100
"""Slides of nobody whose labels are compared, the newest, where nothing else was found."""

PIECES: Final = 4
"""Beginnings of a long number that are looked up: with block and slide, without them."""

NUMBERED: Final = (
    ("Specimen", "accession"),
    ("Specimen", "identifier"),
    ("ServiceRequest", "identifier"),
)


class Sought(Protocol):
    """What is looked for: ``who`` as it was typed, within states and stains (None for any), so
    many (``limit``) of those that came ``before`` a number."""

    @property
    def who(self) -> str: ...
    @property
    def states(self) -> Sequence[State] | None: ...
    @property
    def stains(self) -> Sequence[str] | None: ...
    @property
    def limit(self) -> int: ...
    @property
    def before(self) -> int | None: ...
    def fits(self, one: KeptSlide) -> bool: ...


class Seeking:
    """Within what a person may see; whoever shows what was found asks for each right again."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._listing = floor.slides.listing

    def find(self, principal: Principal, asked: Sought, *, unmatched: bool) -> list[KeptSlide]:
        """The newest first. With ``unmatched`` the labels of slides of nobody are compared too.

        Raises Forbidden, LedgerUnavailable: whom somebody looked for is recorded.
        """
        scope, said = scope_of(principal), asked.who.strip()
        found = self._of_number(principal, said, asked)
        if not found:
            found = self._of_people(principal, said, asked)
        if asked.before is not None:
            return found
        if said.isdecimal():
            known = {one.id for one in found}
            numbered = filter(asked.fits, self._listing.numbered(scope, int(said)))
            found = [*(one for one in numbered if one.id not in known), *found]
        if not found and unmatched:
            found = [one for one in self._of_nobody(said) if asked.fits(one)]
        return found

    def _of_people(self, principal: Principal, said: str, asked: Sought) -> list[KeptSlide]:
        wanted = PatientFilter(said, "", PEOPLE, 0, False)
        people = self._floor.chart.reader(principal).patients(wanted).patients
        return self._of([one.id for one in people], principal, asked, asked.before)

    def _of_number(self, principal: Principal, said: str, asked: Sought) -> list[KeptSlide]:
        """Those of a specimen or an order; where the slides say of which, those of it alone."""
        pieces = (*numbers_of(said)[:PIECES], *numbers_of(said.upper())[:PIECES])
        for number in dict.fromkeys(pieces):
            people = sorted(set(self._whose(principal, number)))
            first, own = self._of(people, principal, asked, asked.before), list[KeptSlide]()
            slides = first
            while slides:
                matches = self._listing.matches(WHOLE, slides)
                own += [
                    one
                    for one in slides
                    if one.id in matches and _is_of(matches[one.id].accession, number)
                ]
                if len(own) >= asked.limit or len(slides) < asked.limit:
                    break
                slides = self._of(people, principal, asked, slides[-1].number)
            if first and (own or asked.before is None):
                return own[: asked.limit] or first
        return []

    def _whose(self, principal: Principal, number: str) -> Iterator[str]:
        reader = self._floor.chart.reader(principal)
        for kind, parameter in NUMBERED:
            try:
                versions = reader.search(kind, [(parameter, number)]).versions
            except CountersignError as problem:
                if problem.status >= 500:
                    raise
                continue  # not theirs to search, or no number of this kind
            yield from (one.patient for one in versions if one.patient is not None)

    def _of(
        self, people: Sequence[str], principal: Principal, asked: Sought, before: int | None
    ) -> list[KeptSlide]:
        if not people:
            return []
        return self._listing.some(
            scope_of(principal),
            states=asked.states,
            stains=asked.stains,
            patients=people,
            limit=asked.limit,
            before=before,
        )

    def _of_nobody(self, said: str) -> Iterator[KeptSlide]:
        wanted = {one.casefold() for one in (said, *numbers_of(said)[:1])}
        for one in self._listing.some(WHOLE, states=["unmatched"], limit=NOBODYS):
            if wanted & set(_written(self._floor.slides.keeping.told(WHOLE, one.id))):
                yield one


def _written(told: Told) -> Iterator[str]:
    """Every number that stands on a label or in a file's name, as it is compared."""
    for text in (*told.codes, told.label, told.name.rsplit(".", 1)[0], *told.hints.values()):
        yield text.casefold()
        yield from (one.casefold() for one in numbers_of(text))


def _is_of(accession: str, number: str) -> bool:
    return accession.casefold() == number.casefold()
