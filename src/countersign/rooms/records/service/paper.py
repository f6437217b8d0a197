"""Writes a record as a PDF for the archive: PDF/A-2b, every sign in a font that it brings along."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from PIL import ImageCms
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from countersign.kit.errors import CountersignError

FONTS = Path(__file__).parents[1] / "fonts"
LATIN, CHINESE = "DejaVuPart", "DroidHan"
FILES = {LATIN: "dejavu-sans-part.ttf", CHINESE: "droid-sans-fallback-han.ttf"}
INK, SOFT = HexColor("#1b2430"), HexColor("#55606e")
MARGIN = 18 * mm
BLANK = frozenset("\u00a0\u3000\t ")


class NoSign(CountersignError):
    code = "records.no_sign_in_font"
    status = 422
    message = (
        "The sign {sign} has no shape in the fonts of the archive, so no PDF was made. Write it "
        "otherwise, or print the page from the browser."
    )


def archived(
    title: str, head: str, sections: list[tuple[str, str]], foot: str, language: str, at: datetime
) -> bytes:
    """The record as PDF/A-2b. ``head`` says about whom, ``foot`` by whom and in what state.

    The same input gives the same bytes. Raises NoSign.
    """
    _fonts()
    written = BytesIO()
    document = SimpleDocTemplate(
        written, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN,
        bottomMargin=MARGIN, invariant=1, initialFontName=LATIN,
    )  # fmt: skip
    story: list[Any] = [
        Paragraph(_marked(title), _style(16, 22)),
        Paragraph(_marked(head), _style(9, 13, SOFT)),
        Spacer(1, 4 * mm),
    ]
    for name, text in sections:
        story.append(Paragraph(_marked(name), _style(11.5, 17, space=6)))
        story += [
            Paragraph(_marked(line), _style(10.5, 16)) for line in text.splitlines() if line.strip()
        ]
    line = _fitting(foot)

    def low(canvas: Any, page: Any) -> None:
        canvas.setFillColor(SOFT)
        _draw(canvas, MARGIN, 10 * mm, line, 8)
        _draw(canvas, A4[0] - MARGIN - 6 * mm, 10 * mm, str(page.page), 8)

    document.build(story, onFirstPage=low, onLaterPages=low)
    return _for_the_archive(written.getvalue(), title, language, at)


def _for_the_archive(content: bytes, title: str, language: str, at: datetime) -> bytes:
    """Names what ISO 19005-2 asks for: the colours meant, and itself as PDF/A-2b."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        profile = pikepdf.Stream(pdf, _colours())
        profile["/N"] = 3
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name("/OutputIntent"),
            S=pikepdf.Name("/GTS_PDFA1"),
            OutputConditionIdentifier=pikepdf.String("sRGB"),
            Info=pikepdf.String("sRGB IEC61966-2.1"),
            DestOutputProfile=pdf.make_indirect(profile),
        )
        pdf.Root["/OutputIntents"] = pikepdf.Array([pdf.make_indirect(intent)])
        pdf.Root["/Lang"] = pikepdf.String("zh-CN" if language == "zh" else "en")
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
            said["dc:title"] = title
            said["xmp:CreatorTool"] = "Countersign"
            said["xmp:CreateDate"] = at.isoformat(timespec="seconds")
            said["pdfaid:part"] = "2"
            said["pdfaid:conformance"] = "B"
        pdf.save(out, deterministic_id=True, min_version="1.7", linearize=False)
    return out.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> None:
    registry: Any = pdfmetrics
    for name, file in FILES.items():
        registry.registerFont(TTFont(name, str(FONTS / file)))


@lru_cache(maxsize=1)
def _colours() -> bytes:
    cms: Any = ImageCms
    return bytes(cms.ImageCmsProfile(cms.createProfile("sRGB")).tobytes())


@lru_cache(maxsize=65536)
def _font_of(sign: str) -> str:
    """The font that has a shape of this sign. Raises NoSign."""
    _fonts()
    registry: Any = pdfmetrics
    for name in (LATIN, CHINESE):
        if ord(sign) in registry.getFont(name).face.charToGlyph:
            return name
    raise NoSign(sign=f"{sign} (U+{ord(sign):04X})")


def _runs(text: str) -> list[tuple[str, str]]:
    """Pieces of one font each. A sign without a shape is written by its compatible form (℃ as
    °C), which says the same."""
    found: list[tuple[str, str]] = []
    for sign in "".join(_shaped(one) for one in text):
        name = _font_of(sign)
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + sign)
        else:
            found.append((name, sign))
    return found


def _shaped(sign: str) -> str:
    if sign in BLANK or unicodedata.category(sign) in ("Cc", "Cf", "Zs"):
        return " " if sign in BLANK or sign.isspace() else ""
    try:
        _font_of(sign)
    except NoSign:
        other = unicodedata.normalize("NFKC", sign)
        if other == sign:
            raise
        return "".join(map(_shaped, other))
    return sign


def _marked(text: str) -> str:
    return "".join(f'<font name="{name}">{escape(run)}</font>' for name, run in _runs(text))


def _draw(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    registry: Any = pdfmetrics
    for name, run in _runs(text):
        canvas.setFont(name, size)
        canvas.drawString(x, y, run)
        x += registry.stringWidth(run, name, size)


def _fitting(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _style(size: float, leading: float, colour: Any = INK, space: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}", fontName=LATIN, fontSize=size, leading=leading, textColor=colour,
        spaceBefore=space, wordWrap="CJK",
    )  # fmt: skip
