"""Serves the slide viewer on a slide that is made up: its own page, scripts and content policy."""

from __future__ import annotations

import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from countersign.ground.shell import Formats, Site, built
from countersign.ground.shell.assets import STATIC
from countersign.ground.shell.environment import environment
from countersign.ground.shell.languages import translations
from countersign.ground.shell.pages import LOCALE
from countersign.ground.shell.security import SecurityHeaders
from countersign.kit.json import JSON, decode
from countersign.kit.words import Language, Words
from countersign.rooms.pathology.domain.columns import packed
from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.room import manifest

TILE = 256
PAGE = """<!doctype html><html lang="{{ tag }}"><head><meta charset="utf-8"><title>viewer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/mark.svg">
{% for one in assets.main.styles + assets.island("slide").styles %}<link rel="stylesheet" href="{{ one }}">{% endfor %}
{% for one in assets.main.scripts + assets.island("slide").scripts %}<script type="module" src="{{ one }}"></script>{% endfor %}
</head><body data-csrf="token"><main id="main"><h1>{{ _("Slide") }}</h1>{% include "pathology/_viewer.html" %}</main></body></html>"""  # noqa: E501


def made_up(count: int, width: int, height: int, seed: int = 7) -> Nuclei:
    """Nuclei in nests of a slide, in the order of tiles, a third of them positive."""
    chance = np.random.default_rng(seed)
    nests = chance.uniform(0.1, 0.9, (60, 2)) * (width, height)
    spread = chance.uniform(0.01, 0.05, 60) * min(width, height)
    home = chance.integers(0, 60, count)
    x = np.clip(nests[home, 0] + chance.normal(0, 1, count) * spread[home], 0, width - 1)
    y = np.clip(nests[home, 1] + chance.normal(0, 1, count) * spread[home], 0, height - 1)
    order = np.lexsort((x // 2048, y // 2048))
    stain = np.where(chance.random(count) < 0.33, chance.gamma(6, 0.09, count), 0.06)
    return Nuclei(
        x=x[order].astype(np.float32),
        y=y[order].astype(np.float32),
        area=chance.uniform(20, 70, count).astype(np.float32),
        stain=stain.astype(np.float32),
        haematoxylin=np.full(count, 0.4, np.float32),
        tumour=np.where(chance.random(count) < 0.8, 0.9, 0.2).astype(np.float32),
        type=chance.integers(0, 6, count).astype(np.uint8),
        score=np.ones(count, np.float32),
    )


class Stage:
    """An application with one page; ``sent`` holds the corrections that the page handed over."""

    def __init__(
        self,
        nuclei: Nuclei,
        width: int,
        height: int,
        language: Language = "en",
        painter: str = "",
        analysis: str = "ki67",
        regions: Sequence[JSON] = (),
    ) -> None:
        self._nuclei, self._size = nuclei, (width, height)
        self._language, self._painter, self._analysis = language, painter, analysis
        self._regions = list(regions)
        self.sent: list[JSON] = []
        noise = np.random.default_rng(3).normal(0, 6, (8, TILE, TILE, 1))
        self._tiles = [_jpeg(np.clip(np.array([236, 214, 226]) + one, 0, 255)) for one in noise]

    def app(self) -> Starlette:
        """The application, behind the headers of the house."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/told", self._told),
                Route("/nuclei", self._columns),
                Route("/tiles/{level:int}/{column:int}/{row:int}", self._tile),
                Route("/corrections", self._keep, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[Middleware(SecurityHeaders, secure=False)],
        )

    def _page(self, _: Request) -> Response:
        assert manifest.templates is not None
        locales = [LOCALE, *([manifest.locale] if manifest.locale else [])]
        made = environment(
            Formats(self._language, ZoneInfo("Asia/Shanghai")),
            translations(locales)[self._language],
            {"pathology": manifest.templates},
            {"site": Site(Words("Bench", "测量"), "0"), "assets": built()},
        )
        html = made.from_string(PAGE).render(
            address="/told", analysis=self._analysis, editable=True, names=False, label="",
            painter=self._painter,
        )  # fmt: skip
        return HTMLResponse(html)

    def _told(self, _: Request) -> Response:
        width, height = self._size
        return JSONResponse(
            {
                "width": width, "height": height, "mpp": [0.5, 0.5],
                "levels": _floors(width, height),
                "tiles": "/tiles", "nuclei": "/nuclei", "run": "run", "analysis": self._analysis,
                "rules": {"positive": 0.2, "grades": [0.2, 0.5, 0.8], "tumourFrom": 0.5},
                "regions": self._regions, "corrections": [], "save": "/corrections",
                "figures": None,
            }
        )  # fmt: skip

    def _columns(self, _: Request) -> Response:
        return StreamingResponse(packed(self._nuclei), media_type="application/octet-stream")

    def _tile(self, request: Request) -> Response:
        at = request.path_params
        tile = self._tiles[(at["column"] * 3 + at["row"] * 5 + at["level"]) % len(self._tiles)]
        return Response(tile, media_type="image/jpeg", headers={"cache-control": "max-age=60"})

    async def _keep(self, request: Request) -> Response:
        self.sent.append(decode(await request.body()))
        return JSONResponse({"number": len(self.sent), "figures": None})


def _floors(width: int, height: int) -> list[JSON]:
    """Halvings, as the tile service describes them, the smallest first."""
    found: list[JSON] = []
    for step in range(int(np.ceil(np.log2(max(width, height) / TILE))) + 1):
        columns, rows = (-(-side // (TILE << step)) for side in (width, height))
        found.append(
            {
                "downsample": 1 << step, "columns": columns, "rows": rows,
                "tile_width": TILE, "tile_height": TILE,
            }
        )  # fmt: skip
    return found[::-1]


def _jpeg(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(written, "JPEG", quality=80)
    return written.getvalue()
