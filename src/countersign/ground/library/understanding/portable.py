"""Reads PDF: text with its layout, headings by their size, tables by their gaps, page images."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pypdfium2.raw as raw_pdfium  # pyright: ignore[reportMissingTypeStubs]

from . import normal
from .lines import Line, running, write_lines
from .ocr import Engine
from .understood import PageSpan, Understood, Writing, finish
from .unreadable import NotUnderstood

PAGES, RECOGNISED = 5_000, 300
"""Pages that are read of one document, and pictured pages that are recognised."""

FEW = 20
"""Letters below which a page counts as a picture."""

WIDTH, DPI = 1100, 200
"""Pixels of a page image across, and the fineness at which text is recognised."""

MOST_PIXELS = 40_000_000
_pdfium = cast("Any", pypdfium2)
_raw = cast("Any", raw_pdfium)
_GAP = re.compile(r" +")


def read_pdf(data: bytes, engine: Engine | None) -> Understood:
    """The text of every page, from the file or recognised. Raises NotUnderstood."""
    document = _opened(data)
    notes: list[str] = []
    pages = min(len(document), PAGES)
    if len(document) > PAGES:
        notes.append("cut")
    read = [_lines(document, number) for number in range(pages)]
    repeated = running(read)
    if repeated:
        notes.append("running-lines")
    pictured = [
        number for number in range(pages) if sum(len(one.text) for one in read[number]) < FEW
        and _has_picture(document, number)
    ]  # fmt: skip
    recognised = _recognised(document, pictured, engine, notes)
    sizes = Counter[float]()
    for lines in read:
        for one in lines:
            sizes[one.size] += len(one.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    writing, spans = Writing(), list[PageSpan]()
    for number, lines in enumerate(read):
        start = writing.length
        if number in recognised:
            for said in recognised[number]:
                writing.add("paragraph", normal.line(said), page=number + 1)
        else:
            kept = [one for one in lines if one.mask not in repeated]
            write_lines(kept, body, sizes, writing, number + 1)
        spans.append(PageSpan(number + 1, start, writing.length, number in recognised))
    title = str(document.get_metadata_dict().get("Title") or "")
    document.close()
    if pictured and not recognised and not writing.blocks:
        raise NotUnderstood("scanned" if engine is None else "empty")
    return finish(writing, pages=spans, title=_title(title), notes=notes)


def image_of(data: bytes, number: int) -> bytes:
    """The page (from 1) as a JPEG, WIDTH pixels across. Raises NotUnderstood."""
    document = _opened(data)
    if not 1 <= number <= len(document):
        raise NotUnderstood("broken")
    width, height = document.get_page_size(number - 1)
    picture = _picture(document, number - 1, WIDTH / max(width, 1.0, height * 0.6))
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()


def _opened(data: bytes) -> Any:
    try:
        document = _pdfium.PdfDocument(data)
    except _pdfium.PdfiumError as problem:
        if "password" in str(problem).lower() or "security" in str(problem).lower():
            raise NotUnderstood("password") from None
        raise NotUnderstood("broken") from None
    if len(document) == 0:
        raise NotUnderstood("empty")
    return document


def _picture(document: Any, number: int, scale: float) -> Any:
    """A page as a Pillow image, never more than MOST_PIXELS whatever its size says."""
    width, height = document.get_page_size(number)
    pixels = width * height * scale * scale
    if not pixels > 0 or pixels != pixels:
        raise NotUnderstood("broken")
    if pixels > MOST_PIXELS:
        scale *= (MOST_PIXELS / pixels) ** 0.5
    page = document[number]
    try:
        return page.render(scale=scale, may_draw_forms=False).to_pil()
    except _pdfium.PdfiumError:
        raise NotUnderstood("broken") from None
    finally:
        page.close()


def _has_picture(document: Any, number: int) -> bool:
    try:
        page = document[number]
        found = any(page.get_objects(filter=(_raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3))
        page.close()
    except _pdfium.PdfiumError:
        return False
    return found


def _recognised(
    document: Any, pictured: list[int], engine: Engine | None, notes: list[str]
) -> dict[int, list[str]]:
    """The paragraphs of pictured pages, as far as they could be recognised."""
    if not pictured:
        return {}
    if engine is None:
        notes.append("ocr-missing")
        return {}
    if len(pictured) > RECOGNISED:
        notes.append("ocr-cut")
    found: dict[int, list[str]] = {}
    for number in pictured[:RECOGNISED]:
        said = engine.recognise(_picture(document, number, DPI / 72).convert("L"))
        if said:
            found[number] = said
    if found:
        notes.append("ocr")
    return found


def _lines(document: Any, number: int) -> list[Line]:
    """The lines of a page with place and size of their first letter; none of a damaged page."""
    try:
        page = document[number]
    except _pdfium.PdfiumError:
        return []
    try:
        text_page = page.get_textpage()
        height = float(page.get_height())
        count = text_page.count_chars()
        text = str(text_page.get_text_range(0, count)) if count > 0 else ""
        found = list(_each(text_page, text, height))
        text_page.close()
    except _pdfium.PdfiumError:
        return []
    finally:
        page.close()
    return found


def _each(text_page: Any, text: str, height: float) -> Iterator[Line]:
    # PDFium parts lines with CR LF, which count as characters of the page.
    at = 0
    for part in text.split("\n"):
        said = part.rstrip("\r")
        first = next((n for n, letter in enumerate(said) if not letter.isspace()), None)
        if first is not None:
            try:
                left, _bottom, right, top = text_page.get_charbox(at + first, loose=True)
                last = at + len(said.rstrip()) - 1
                right = text_page.get_charbox(last, loose=True)[2]
            except _pdfium.PdfiumError:
                left, right, top = 0.0, 0.0, height
            size = round(float(_raw.FPDFText_GetFontSize(text_page, at + first)) * 2) / 2
            cells = _cells(text_page, said, at, size)
            yield Line(said.strip(), size, left, right, height - top, cells, height)
        at += len(part) + 1


def _cells(text_page: Any, said: str, at: int, size: float) -> tuple[str, ...]:
    """The line in cells where gaps are wider than between words; one cell else."""
    cells: list[str] = []
    start = 0
    for gap in _GAP.finditer(said):
        if gap.start() == 0 or gap.end() == len(said):
            continue
        try:
            before = text_page.get_charbox(at + gap.start() - 1, loose=True)[2]
            after = text_page.get_charbox(at + gap.end(), loose=True)[0]
        except _pdfium.PdfiumError:
            continue
        if after - before > 1.5 * max(size, 4.0):
            cells.append(said[start : gap.start()].strip())
            start = gap.end()
    return (*cells, said[start:].strip()) if cells else ()


def _title(given: str) -> str:
    """The title that the file's writer gave, unless a program put a file name there."""
    said = normal.line(given)
    worthless = re.search(r"\.(docx?|pdf|indd|tmp)$|^(microsoft word|untitled|无标题)", said, re.I)
    return "" if worthless else said
