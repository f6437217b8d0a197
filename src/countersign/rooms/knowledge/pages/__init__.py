"""The pages of knowledge: those of readers and those of curators."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.formparsers import MultiPartParser

from countersign.ground.shell import Floor

from .aids import Aids
from .folders import Folders
from .reader import Reader
from .shelf import Shelf


def pages(floor: Floor) -> APIRouter:
    """``/knowledge`` and what hangs below it."""
    # What is uploaded stays in memory until it is sealed: no disk ever holds it in the clear.
    # The size of a request is bounded before (see the shell's SizeLimit).
    MultiPartParser.spool_max_size = (floor.library.megabytes + 1) * 1024 * 1024
    router = APIRouter(prefix="/knowledge")
    reader, shelf, aids = Reader(floor), Shelf(floor), Aids(floor)
    folders = Folders(floor)
    version = "/documents/{document}/versions/{version}"
    for path, handler, method in (
        ("", reader.ask, "GET"),
        ("/written", reader.written, "POST"),
        ("/patients/{patient}", reader.for_patient, "GET"),
        ("/documents/{document}", reader.document, "GET"),
        (version, reader.version, "GET"),
        (version + "/pages/{page}", reader.page, "GET"),
        (version + "/pages/{page}/image", reader.image, "GET"),
        (version + "/feedback", reader.judge, "POST"),
        ("/documents/{document}/review", reader.review, "POST"),
        ("/shelf", shelf.list, "GET"),
        ("/shelf", shelf.receive, "POST"),
        ("/shelf/questions", shelf.questions, "GET"),
        ("/shelf/feedback", shelf.feedback, "GET"),
        ("/shelf/contradictions", shelf.contradictions, "GET"),
        ("/shelf/aids", aids.list, "GET"),
        ("/shelf/folders", folders.list, "GET"),
        ("/shelf/folders", folders.choose, "POST"),
        ("/shelf/folders/{watch}/stop", folders.stop, "POST"),
        ("/shelf/of/{document}", shelf.one, "GET"),
        ("/shelf/of/{document}/describe", shelf.describe, "POST"),
        ("/shelf/of/{document}/publish", shelf.publish, "POST"),
        ("/shelf/of/{document}/replace", shelf.replace, "POST"),
        ("/shelf/of/{document}/withdraw", shelf.withdraw, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
