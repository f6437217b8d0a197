"""The pages of pathology: the worklist, the slide itself, its report, stain and scanner by day."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter

from countersign.ground.imaging import Readers, TileService
from countersign.ground.shell import Floor
from countersign.rooms.pathology.inference.registry import REGISTRY
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.reporting_control import Controlling
from countersign.rooms.pathology.service.signing import Signing

from .control import ControlPages
from .downloads import Downloads
from .slide import SlidePages
from .uploads import Uploads
from .worklist import WorklistPages


def pages(floor: Floor) -> APIRouter:
    """``/pathology`` and what hangs below it."""
    router = APIRouter(prefix="/pathology")
    readers = Readers()  # nothing that a file holds is decoded in a process that serves pages
    reporting = Reporting(floor, replace(REGISTRY, opener=readers.open))
    signing = Signing(floor, reporting)
    controlling = Controlling(floor)
    control = ControlPages(floor, controlling)
    worklist, uploads = WorklistPages(floor, signing, controlling), Uploads(floor)
    slide = SlidePages(floor, reporting, signing, TileService(readers.open), controlling)
    downloads = Downloads(floor, reporting, slide.tiles)
    of = "/slides/{slide}"
    for path, handler, method in (
        ("", worklist.show, "GET"),
        ("/counting", worklist.counting, "GET"),
        ("/control", control.show, "GET"),
        ("/control", control.act, "POST"),
        ("/control.csv", control.export, "GET"),
        ("/uploads", uploads.begin, "POST"),
        ("/uploads/{upload}", uploads.append, "POST"),
        ("/uploads/{upload}/done", uploads.finish, "POST"),
        (of, slide.show, "GET"),
        (of, slide.act, "POST"),
        (f"{of}/state", slide.state, "GET"),
        (f"{of}/told", slide.told, "GET"),
        (f"{of}/nuclei", slide.nuclei, "GET"),
        (of + "/tiles/{level}/{column}/{row}", slide.tile, "GET"),
        (f"{of}/label", slide.label, "GET"),
        (f"{of}/corrections", slide.correct, "POST"),
        (f"{of}/report.pdf", downloads.pdf, "GET"),
        (f"{of}/print", downloads.printed, "GET"),
        (f"{of}/regions.geojson", downloads.regions, "GET"),
        (f"{of}/nuclei.geojson", downloads.nuclei, "GET"),
        (f"{of}/report.sr.dcm", downloads.report, "GET"),
        (f"{of}/seg.dcm", downloads.segmentation, "GET"),
        (f"{of}/nuclei.dcm", downloads.points, "GET"),
        (f"{of}/overview.dcm", downloads.picture, "GET"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
