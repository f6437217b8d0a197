"""Hands a signed result out as DICOM objects, for those who may read the slide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.ground.slides import KeptSlide
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.ki67 import OTHER, OUTSIDE
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType

from .dicom import Answer, Figure, points, report, segmentation, written
from .dicom_overview import overview
from .dicom_source import NoSource, Source, Subject, source_among
from .reporting import Reporting, Sight, figures
from .reporting_heading import answer_of, own_words
from .signing import WORKER, model_of

MOST_PIXELS: Final = 32_000_000
"""Of the instance that masks lie on: finer ones would make files of gigabytes."""

_NO_SIGNS: Final = str.maketrans("^=\\", "   ")
_SEXES: Final = {"male": "M", "female": "F", "other": "O"}


class NotSigned(CountersignError):
    code = "pathology.not_signed"
    status = 409
    message = "Only a signed result leaves as DICOM. Sign it first, or take the GeoJSON."


class InOwnWords(CountersignError):
    code = "pathology.in_own_words"
    status = 409
    message = (
        "This answer was signed in a pathologist's own words, for which no measured figure "
        "stands. Take the report, or correct the answer and sign the figures."
    )


class OtherPatient(CountersignError):
    code = "pathology.other_patient_in_file"
    status = 409
    message = (
        "The DICOM file of this slide names another patient than the one it was signed for, and "
        "what leaves would be filed under that one. Have the archive put it right and send it "
        "again, or take the report."
    )


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
        """The structured report. Raises NotSigned, InOwnWords, NoSource, what a showing raises."""
        return self._made(principal, slide, "dicom-sr", report)

    def segmentation(self, principal: Principal, slide: str) -> bytes:
        """The areas. Raises the same, and NothingOfIt."""
        return self._made(principal, slide, "dicom-seg", segmentation)

    def points(self, principal: Principal, slide: str) -> bytes:
        """Every nucleus. Raises the same, and NothingOfIt."""
        return self._made(principal, slide, "dicom-ann", points)

    def picture(self, principal: Principal, slide: str) -> bytes:
        """The overview that the others lie on. Raises NothingOfIt where the slide is DICOM itself:
        they lie on that, which the archive has."""
        if is_dicom(self._reporting.allowed(principal, slide)):
            raise NothingOfIt
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
        signed = answer_of(self._floor, seen.slide)
        if signed is None:
            raise NotSigned
        if own_words(signed):
            raise InOwnWords
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
            nuclei=_counted(seen),
            model=f"{model.name}@{model.version}",
            signer=_person(self._floor.people.names({person}).get(person, person)),
            hospital=self._floor.site.hospital.zh,
            zone=self._floor.site.zone,
        )

    def _source(self, principal: Principal, seen: Sight, answer: Answer) -> Source:
        if is_dicom(seen.slide):
            source = source_among(self._instances(seen), MOST_PIXELS)
            if self._names_another(seen, str(source.image.get("PatientID", ""))):
                raise OtherPatient
            return source
        opened = self._reporting.results.picture(principal, seen.slide.id)
        try:
            return overview(
                opened,
                self._subject(principal, seen),
                seen.slide.id,
                answer.at,
            )
        finally:
            opened.close()

    def _names_another(self, seen: Sight, number: str) -> bool:
        """Whether the chart knows the number in the file's header as another patient's. A number
        that it does not know, of the archive's own, says nothing."""
        if not number:
            return False
        page = self._floor.chart.reader(WORKER).search("Patient", [("identifier", number)])
        known = {version.id for version in page.versions}
        return bool(known) and seen.slide.patient not in known

    def _instances(self, seen: Sight) -> list[Dataset]:
        path = self._floor.slides.keeping.path(seen.slide)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        found: list[Dataset] = []
        for file in files:
            try:
                image = dcmread(file, stop_before_pixels=True)
            except (InvalidDicomError, OSError):
                continue
            image.decode()  # its names, by its own letters: what leaves is in others
            found.append(image)
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


def _counted(seen: Sight) -> Nuclei:
    """The nuclei with the types that count: of Ki-67 those of its tumour and others as they were
    corrected, and as of no type those in no region that counts."""
    if seen.counted is None:
        return seen.nuclei
    kinds = seen.counted.kinds
    types = np.where(kinds < OTHER, NucleusType.TUMOUR, NucleusType.OTHER)
    types[kinds == OUTSIDE] = NucleusType.UNTYPED
    return replace(seen.nuclei, type=types.astype(np.uint8))


def is_dicom(slide: KeptSlide) -> bool:
    """Whether it came as DICOM, so that what leaves lies on its own instances."""
    return slide.described is not None and slide.described.format == "dicom"


def _person(name: str) -> str:
    """A name as DICOM writes names (PS3.5 section 6.2.1.1), all of it as the family name: which
    part of it is which is not known."""
    return name.translate(_NO_SIGNS).strip() + "^"
