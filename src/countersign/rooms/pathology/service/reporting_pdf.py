"""Writes a slide's report as a PDF with pictures, in either language, with what is installed here.

Chinese is set in STSong-Light, a character collection that every PDF reader brings
(decision 0048), and what Helvetica has a shape for in that.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from countersign.kit.words import Language, Words

from .reporting import Sight, figures
from .reporting_pictures import Picture
from .reporting_text import stain_words, title_of, value_of

FONT, LATIN = "STSong-Light", "Helvetica"
_LATIN: dict[Language, re.Pattern[str]] = {
    "zh": re.compile("[!-~¡-ÿ]([ -~\u00a0-ÿ]*[!-~¡-ÿ])?"),
    "en": re.compile("[!-~¡-ÿ–—‘’“”•…]([ -~\u00a0-ÿ–—‘’“”•…]*[!-~¡-ÿ–—‘’“”•…])?"),
}
"""Pieces of a line that Helvetica sets; in Chinese, marks that both have stay with the Chinese."""
INK, SOFT, LINE = HexColor("#17232e"), HexColor("#485661"), HexColor("#d6dddf")
WIDE = 174 * mm


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a report: whose slide it is, who signed it and when; empty texts where
    that is not known. ``draft`` says that nobody has signed it; ``words`` is what was signed in
    place of the draft's text, for which no figure of the program's stands."""

    hospital: Words
    patient: str
    born: str
    number: str
    signer: str
    signed_at: str
    printed_at: str
    draft: bool
    words: str = ""


OWN_WORDS: Final = Words(
    "Signed in the pathologist's own words. Figures and pictures of the program are not part of "
    "what was signed.",
    "以病理医师自述签署；程序所得数值与图像不属于签署内容。",
)


def as_pdf(seen: Sight, pictures: Sequence[Picture], heading: Heading, language: Language) -> bytes:
    """The whole report."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        fonts: Any = pdfmetrics
        fonts.registerFont(UnicodeCIDFont(FONT))
    written = io.BytesIO()
    title = title_of(seen).into(language)
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=title,
        author=heading.hospital.into(language),
        creator="Countersign",
        lang="zh-CN" if language == "zh" else "en",
    )
    foot_text = f"{heading.hospital.into(language)} · {title} · {heading.printed_at}"

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFillColor(SOFT)
        _write(canvas, 18 * mm, 10 * mm, foot_text[:110], language)
        canvas.setFont(LATIN, 8)
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(page.page))

    story = _Report(seen, heading, language).story(pictures)
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


class _Report:
    """The parts of a report in one language."""

    def __init__(self, seen: Sight, heading: Heading, language: Language) -> None:
        self._seen, self._heading = seen, heading
        self._language: Language = language
        common: dict[str, Any] = {"fontName": FONT, "textColor": INK}
        if language == "zh":
            common["wordWrap"] = "CJK"
        self._styles = {
            "title": ParagraphStyle("title", fontSize=18, leading=24, spaceAfter=4, **common),
            "head": ParagraphStyle(
                "head",
                fontSize=12,
                leading=17,
                spaceBefore=8,
                spaceAfter=3,
                keepWithNext=1,
                **common,
            ),  # fmt: skip
            "key": ParagraphStyle("key", fontSize=8.5, leading=12, spaceBefore=3, **common),
            "text": ParagraphStyle("text", fontSize=9.5, leading=14, spaceAfter=2, **common),
            "cell": ParagraphStyle("cell", fontSize=9, leading=12, **common),
        }

    def story(self, pictures: Sequence[Picture]) -> list[Any]:
        """Everything in its order."""
        parts: list[Any] = [self._text(title_of(self._seen).into(self._language), "title")]
        if self._heading.draft:
            parts.append(
                self._say(
                    Words(
                        "DRAFT. Nobody has signed this. It is no finding.",
                        "草稿。未经签署，不作为诊断依据。",
                    )
                )
            )
        parts += [self._who(), Spacer(1, 6)]
        if self._heading.words:
            parts += [self._text(line, "text") for line in self._heading.words.splitlines()]
            return [*parts, Spacer(1, 6), self._say(OWN_WORDS)]
        parts.append(self._figures())
        for picture in pictures:
            parts.append(self._text(picture.title.into(self._language), "head"))
            parts.append(_Drawn(picture))
            if picture.key:
                parts.append(self._key(picture))
        parts.append(self._text(Words("Limits", "局限").into(self._language), "head"))
        parts += [self._say(one) for one in self._seen.limits]
        parts.append(
            self._text(Words("How it was counted", "计数方法").into(self._language), "head")
        )
        parts += [self._say(one) for one in self._method()]
        return parts

    def _who(self) -> Table:
        heading, match = self._heading, self._seen.match
        stain = stain_words(match.stain if match else None).into(self._language)
        block = f"{match.accession} {match.block}".strip() if match else ""
        rows = [
            (Words("Patient", "患者"), heading.patient),
            (Words("Born", "出生日期"), heading.born),
            (Words("Number", "编号"), heading.number),
            (Words("Specimen and block", "标本与蜡块"), block),
            (Words("Stain", "染色"), stain),
            (Words("Signed by", "签署"), f"{heading.signer} {heading.signed_at}".strip()),
        ]
        return self._table([(one.into(self._language), text or "–") for one, text in rows])

    def _figures(self) -> Table:
        rows = [(one.title.into(self._language), value_of(one)) for one in figures(self._seen)]
        return self._table(rows)

    def _method(self) -> list[Words]:
        run = self._seen.run
        said = [
            Words(
                f"Analysis {run.analysis}, version {run.version}; result {run.id}. In parentheses: "
                "95 % interval of counting.",
                f"分析 {run.analysis}，版本 {run.version}；结果 {run.id}。"
                "括号内为计数的 95 % 区间。",
            ),
            Words(
                f"Corrections by a pathologist: {len(self._seen.corrections)}.",
                f"病理医师更正：{len(self._seen.corrections)} 处。",
            ),
        ]
        if self._seen.count is not None:
            first, second, third = self._seen.rules.grades
            start = first if self._seen.made.threshold is None else self._seen.made.threshold
            said.append(
                Words(
                    f"Positive from an optical density of {start:.3f}; 2+ from {second:.3f}, 3+ "
                    f"from {third:.3f}. Other cells' nuclei are left out.",
                    f"光密度 ≥ {start:.3f} 为阳性；≥ {second:.3f} 为 2+，≥ {third:.3f} 为 3+。"
                    "非肿瘤细胞核不计。",
                )
            )
        return said

    def _table(self, rows: Sequence[tuple[str, str]]) -> Table:
        cells = [[self._text(left, "cell"), self._text(right, "cell")] for left, right in rows]
        table = Table(cells, colWidths=[62 * mm, WIDE - 62 * mm], hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("TOPPADDING", (0, 0), (-1, -1), 2),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ]
            )
        )
        return table

    def _key(self, picture: Picture) -> Paragraph:
        """What the colours of a picture stand for."""
        said = [
            f'<font color="{colour}">■</font> {_marked(words.into(self._language), self._language)}'
            for colour, words in picture.key
        ]
        return Paragraph("　".join(said), self._styles["key"])

    def _say(self, words: Words) -> Paragraph:
        return self._text(words.into(self._language), "text")

    def _text(self, text: str, style: str) -> Paragraph:
        return Paragraph(_marked(text, self._language), self._styles[style])


def _marked(text: str, language: Language) -> str:
    """Text for a paragraph, with what Helvetica sets marked as such."""
    return "".join(
        f'<font name="{LATIN}">{escape(part)}</font>' if latin else escape(part)
        for latin, part in _parts(text, language)
    )


def _parts(text: str, language: Language) -> Iterator[tuple[bool, str]]:
    """Pieces of a line, each with whether Helvetica sets it."""
    end = 0
    for found in _LATIN[language].finditer(text):
        yield False, text[end : found.start()]
        yield True, found.group()
        end = found.end()
    yield False, text[end:]


def _write(canvas: Any, x: float, y: float, text: str, language: Language) -> None:
    """One line in letters of 8 points."""
    for latin, part in _parts(text, language):
        font = LATIN if latin else FONT
        canvas.setFont(font, 8)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, 8)


class _Drawn(Flowable):
    """A picture of the slide with outlines and nuclei drawn over it as lines, sharp at any size."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture
        self._scale = min(WIDE / picture.width, 105 * mm / picture.height)
        self.width = picture.width * self._scale
        self.height = picture.height * self._scale

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803
        return self.width, self.height

    def draw(self) -> None:
        canvas: Any = self.canv  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        picture, scale = self._picture, self._scale
        canvas.drawImage(ImageReader(io.BytesIO(picture.jpeg)), 0, 0, self.width, self.height)
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(0, 0, self.width, self.height)
        canvas.clipPath(clip, stroke=0, fill=0)
        for outline in picture.outlines:
            canvas.setStrokeColor(HexColor(outline.colour))
            canvas.setLineWidth(1.2)
            path = canvas.beginPath()
            for ring in outline.rings:
                for at, (x, y) in enumerate(ring):
                    move = path.lineTo if at else path.moveTo
                    move(x * scale, self.height - y * scale)
                path.close()
            canvas.drawPath(path, stroke=1, fill=0)
        canvas.setLineWidth(0.5)
        for x, y, radius, colour in picture.marks:
            canvas.setStrokeColor(HexColor(colour))
            canvas.circle(x * scale, self.height - y * scale, radius * scale, stroke=1, fill=0)
        canvas.restoreState()
        self._bar(canvas)

    def _bar(self, canvas: Any) -> None:
        if self._picture.bar is None:
            return
        length, said = self._picture.bar
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.rect(6, 6, length * self._scale + 12, 18, stroke=0, fill=1)
        canvas.setStrokeColor(INK)
        canvas.setFillColor(INK)
        canvas.setLineWidth(1.5)
        canvas.line(12, 10, 12 + length * self._scale, 10)
        _write(canvas, 12, 14, said, "en")
