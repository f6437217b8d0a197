"""Reads Word documents: paragraphs, headings by their style, lists and tables, in order."""

from __future__ import annotations

import io
import re
from typing import Any, cast

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from . import normal
from .formats import macros
from .understood import Understood, Writing, finish
from .unreadable import NotUnderstood

_HEADING = re.compile(r"(?:heading|标题|toc heading)\s*([1-9])", re.IGNORECASE)
_TITLE = {"title", "标题", "文档标题"}


def read_docx(data: bytes) -> Understood:
    """The body in its order; comments, deleted text and text boxes are left out."""
    noted = ("macros",) if macros(data) else ()
    try:
        document = cast("Any", docx.Document(io.BytesIO(data)))
    except (PackageNotFoundError, KeyError, ValueError):
        raise NotUnderstood("broken") from None
    styles = {one.style_id: (one.name or "") for one in document.styles if one.style_id}
    writing = Writing()
    for child in document.element.body.iterchildren():
        if child.tag == qn("w:p"):
            _paragraph(child, styles, writing)
        elif child.tag == qn("w:tbl"):
            _table(child, writing)
        elif child.tag == qn("w:sdt"):
            for paragraph in child.iter(qn("w:p")):
                _paragraph(paragraph, styles, writing)
    title = document.core_properties.title or ""
    return finish(writing, title=normal.line(str(title)), notes=noted)


def _said(node: Any) -> str:
    """Text with tabs and breaks as spaces, without what was deleted under tracked changes."""
    parts: list[str] = []
    for one in node.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:noBreakHyphen")):
        if one.tag == qn("w:t"):
            parts.append(one.text or "")
        else:
            parts.append("-" if one.tag == qn("w:noBreakHyphen") else " ")
    return normal.line("".join(parts))


def _paragraph(node: Any, styles: dict[str, str], writing: Writing) -> None:
    said = _said(node)
    properties = node.find(qn("w:pPr"))
    style = outline = None
    listed = False
    if properties is not None:
        found = properties.find(qn("w:pStyle"))
        style = styles.get(found.get(qn("w:val")), "") if found is not None else None
        level = properties.find(qn("w:outlineLvl"))
        outline = level.get(qn("w:val")) if level is not None else None
        listed = properties.find(qn("w:numPr")) is not None
    heading = _HEADING.fullmatch((style or "").strip())
    if (style or "").strip().lower() in _TITLE:
        writing.add("heading", said, 1)
    elif heading is not None:
        writing.add("heading", said, min(6, int(heading[1])))
    elif outline is not None and outline.isdecimal() and int(outline) < 9 and len(said) <= 120:
        writing.add("heading", said, min(6, int(outline) + 1))
    elif listed or "list" in (style or "").lower():
        writing.add("item", said, 1)
    else:
        writing.add("paragraph", said)


def _table(node: Any, writing: Writing) -> None:
    for row in node.iterchildren(qn("w:tr")):
        writing.add("row", normal.row([_said(cell) for cell in row.iterchildren(qn("w:tc"))]))
