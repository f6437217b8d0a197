"""Hands a signed result out as DICOM objects, for those who may read the slide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError

from .dicom import Answer, Figure, points, report, segmentation, written
from .dicom_overview import overview
from .dicom_source import NoSource, Source, Subject, source_among
from .reporting import Reporting, Sight, figures
from .signing import model_of

MOST_PIXELS: Final = 32_000_000
"""Of the instance that masks lie on: finer ones would make files of gigabytes."""

_NO_SIGNS: Final = str.maketrans("^=\\", "   ")
_SEXES: Final = {"male": "M", "female": "F", "other": "O"}


class NotSigned(CountersignError):
    code = "pathology.not_signed"
    status = 409
    message = "Only a signed result leaves as DICOM. Sign it first, or take the GeoJSON."


class NothingOfIt(CountersignError):
    code = "pathology.nothing_of_it"
    status = 404
    message = "The signed result holds nothing of this kind. Take the report instead."


class Leaving:
    """Each file is a showing with a receipt of its own."""

    def __init__(self, floor: Floor, reporting: Reporting) -> None:
        self._floor = floor
        self._reporting = reporting

    def report(self, principal: Principal, slide: str) -> bytes:
        """The structured report. Raises NotSigned, NoSource, and what a showing raises."""
        return self._made(principal, slide, "dicom-sr", report)

    def segmentation(self, principal: Principal, slide: str) -> bytes:
        """The areas. Raises the same, and NothingOfIt."""
        return self._made(principal, slide, "dicom-seg", segmentation)

    def points(self, principal: Principal, slide: str) -> bytes:
        """Every nucleus. Raises the same, and NothingOfIt."""
        return self._made(principal, slide, "dicom-ann", points)

    def picture(self, principal: Principal, slide: str) -> bytes:
        """The overview that the others lie on, where the slide is no DICOM itself."""
        return self._made(principal, slide, "dicom-picture", lambda _, source: source.image)

    def _made(
        self,
        principal: Principal,
        slide: str,
        leaves: str,
        make: Callable[[Answer, Source], Dataset | None],
    ) -> bytes:
        seen = self._reporting.see(principal, slide, leaves)
        answer = self._answer(seen)
        made = make(answer, self._source(principal, seen, answer))
        if made is None:
            raise NothingOfIt
        return written(made)

    def _answer(self, seen: Sight) -> Answer:
        """The result as it was signed: corrections are closed by the signature."""
        if seen.slide.state != "signed" or not seen.slide.code:
            raise NotSigned
        signed = self._floor.signoff.reading.signed(seen.slide.code)
        if signed is None:
            raise NotSigned
        person = signed.first.signer
        model = model_of(self._floor, seen.run.analysis, seen.run.version)
        regions = (*seen.regions, *seen.areas)
        places = {id(one): place for place, one in enumerate(regions)}
        return Answer(
            signed=signed,
            slide=seen.slide.id,
            figures=tuple(
                Figure(
                    one.code,
                    one.title.en,
                    one.value,
                    one.unit,
                    one.low,
                    one.high,
                    None if one.region is None else places[id(one.region)],
                )
                for one in figures(seen)
                if one.value is not None
            ),
            regions=regions,
            nuclei=seen.nuclei,
            model=f"{model.name}@{model.version}",
            signer=_person(self._floor.people.names({person}).get(person, person)),
            hospital=self._floor.site.hospital.zh,
        )

    def _source(self, principal: Principal, seen: Sight, answer: Answer) -> Source:
        if seen.slide.described is not None and seen.slide.described.format == "dicom":
            return source_among(self._instances(seen), MOST_PIXELS)
        opened = self._reporting.results.picture(principal, seen.slide.id)
        try:
            return overview(
                opened,
                self._subject(principal, seen),
                seen.slide.id,
                answer.signed.first.signed_at,
            )
        finally:
            opened.close()

    def _instances(self, seen: Sight) -> list[Dataset]:
        path = self._floor.slides.keeping.path(seen.slide)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        found: list[Dataset] = []
        for file in files:
            try:
                found.append(dcmread(file, stop_before_pixels=True))
            except (InvalidDicomError, OSError):
                continue
        if not found:
            raise NoSource
        return found

    def _subject(self, principal: Principal, seen: Sight) -> Subject:
        assert seen.slide.patient is not None  # noqa: S101 - it was signed for somebody
        summary = self._floor.chart.reader(principal).open(seen.slide.patient).summary
        number = next((value for _, value in summary.identifiers), "")
        match = seen.match
        return Subject(
            number,
            _person(summary.name),
            summary.birth_date.replace("-", ""),
            _SEXES.get(summary.sex, ""),
            match.accession if match else "",
            " ".join(filter(None, (match.accession, match.block))) if match else "",
        )


def _person(name: str) -> str:
    """A name as DICOM writes names (PS3.5 section 6.2.1.1), all of it as the family name: which
    part of it is which is not known."""
    return name.translate(_NO_SIGNS).strip() + "^"
