"""What leaves the page of a slide as a file: the report as PDF or print, regions for QuPath."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from countersign.ground.identity import Action, Principal
from countersign.ground.imaging import TileService
from countersign.ground.shell import Floor, guarded
from countersign.ground.slides import KeptSlide
from countersign.rooms.pathology.service.dicom_leaving import Leaving
from countersign.rooms.pathology.service.reporting import Reporting, Sight, as_geojson, figures
from countersign.rooms.pathology.service.reporting_heading import heading_of
from countersign.rooms.pathology.service.reporting_pdf import OWN_WORDS, as_pdf
from countersign.rooms.pathology.service.reporting_pictures import Picture, pictures
from countersign.rooms.pathology.service.reporting_text import stain_words, title_of, value_of

Reader = Annotated[Principal, guarded(Action.SLIDES_LIST)]


class Downloads:
    """Each is a showing with a receipt of its own."""

    def __init__(self, floor: Floor, reporting: Reporting, tiles: TileService) -> None:
        self._floor = floor
        self._reporting = reporting
        self._tiles = tiles
        self._leaving = Leaving(floor, reporting)

    def pdf(self, request: Request, principal: Reader, slide: str) -> Response:
        """The report with pictures, in the language of the page."""
        seen = self._reporting.see(principal, slide, "report-pdf")
        language = self._floor.pages.language(request)
        heading = heading_of(self._floor, principal, seen, self._printed(request))
        drawn = [] if heading.words else self._pictures(principal, seen)
        return _file(
            as_pdf(seen, drawn, heading, language), "application/pdf", f"{_name(seen.slide)}.pdf"
        )

    def printed(self, request: Request, principal: Reader, slide: str) -> Response:
        """The report as a page for printing."""
        seen = self._reporting.see(principal, slide, "report-print")
        heading = heading_of(self._floor, principal, seen, self._printed(request))
        return self._floor.pages.render(
            request,
            "pathology/print.html",
            seen=seen,
            heading=heading,
            rows=[(one.title, value_of(one)) for one in figures(seen)],
            pictures=[] if heading.words else self._pictures(principal, seen),
            title=title_of(seen),
            stain=stain_words(seen.match.stain if seen.match else None),
            own_words=OWN_WORDS,
        )

    def regions(self, principal: Reader, slide: str) -> Response:
        """Regions as GeoJSON."""
        seen = self._reporting.see(principal, slide, "regions-geojson")
        return _stream(seen, nuclei=False)

    def nuclei(self, principal: Reader, slide: str) -> Response:
        """Regions and every nucleus as GeoJSON."""
        seen = self._reporting.see(principal, slide, "nuclei-geojson")
        return _stream(seen, nuclei=True)

    def report(self, principal: Reader, slide: str) -> Response:
        """DICOM SR of the signed result."""
        return self._dicom(principal, slide, self._leaving.report, "report.sr")

    def segmentation(self, principal: Reader, slide: str) -> Response:
        """DICOM SEG of its regions."""
        return self._dicom(principal, slide, self._leaving.segmentation, "seg")

    def points(self, principal: Reader, slide: str) -> Response:
        """DICOM ANN of its nuclei."""
        return self._dicom(principal, slide, self._leaving.points, "nuclei")

    def picture(self, principal: Reader, slide: str) -> Response:
        """The overview that the other objects lie on."""
        return self._dicom(principal, slide, self._leaving.picture, "overview")

    def _dicom(
        self, principal: Principal, slide: str, make: Callable[[Principal, str], bytes], what: str
    ) -> Response:
        name = _name(self._reporting.allowed(principal, slide))
        return Response(
            make(principal, slide),
            media_type="application/dicom",
            headers={"content-disposition": f'attachment; filename="{name}-{what}.dcm"'},
        )

    def _pictures(self, principal: Principal, seen: Sight) -> list[Picture]:
        """Those of the report. Raises SlideGone, SlideDamaged."""
        opened = self._reporting.results.picture(principal, seen.slide.id)
        try:
            return pictures(seen, opened)
        finally:
            opened.close()

    def _printed(self, request: Request) -> str:
        now: datetime = self._floor.clock()
        return self._floor.pages.formats(request).moment(now)


def _stream(seen: Sight, *, nuclei: bool) -> Response:
    name = f"{_name(seen.slide)}{'-nuclei' if nuclei else ''}.geojson"
    return StreamingResponse(
        as_geojson(seen, nuclei=nuclei),
        media_type="application/geo+json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content,
        media_type=kind,
        headers={"content-disposition": f'inline; filename="{name}"'},
    )


def _name(slide: KeptSlide) -> str:
    """Names no patient: files are passed on."""
    return f"slide-{slide.number}"
