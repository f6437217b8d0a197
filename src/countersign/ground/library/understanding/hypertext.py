"""Reads HTML: only what a reader of the page would see, and nothing that acts."""

from __future__ import annotations

import re
from typing import Any, cast

from lxml import (  # pyright: ignore[reportMissingTypeStubs]
    etree,  # pyright: ignore[reportUnknownVariableType, reportAttributeAccessIssue]
    html,
)

from . import normal
from .formats import decoded_text
from .understood import Understood, Writing, finish
from .unreadable import NotUnderstood

_SILENT = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg",
     "math", "canvas", "audio", "video", "head", "nav", "form", "button", "select", "textarea"}
)  # fmt: skip
_BREAKS = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "blockquote", "pre",
     "ul", "ol", "dl", "dd", "dt", "figure", "figcaption", "table", "thead", "tbody", "tfoot",
     "caption", "address", "hr", "br", "body", "details", "summary", "fieldset"}
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.IGNORECASE)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_lxml = cast("Any", html)
_etree = cast("Any", etree)


def read_html(data: bytes) -> Understood:
    """The page's text, headings, lists and tables. Raises NotUnderstood."""
    parser = _lxml.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    root = _lxml.document_fromstring(_text(data).encode("utf-8", "replace"), parser=parser)
    if root is None:
        raise NotUnderstood("empty")
    title = root.findtext(".//title") or ""
    return _Walk().walk(root, normal.line(title))


def _text(data: bytes) -> str:
    named = _CHARSET.search(data[:2048])
    if named is not None and named[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        return data.decode("gb18030", "replace")
    return decoded_text(data)


class _Walk:
    """Goes through the tree without recursion and writes block after block."""

    def __init__(self) -> None:
        self._writing = Writing()
        self._said: list[str] = []
        self._cells: list[str] | None = None
        self._level = 0
        self._items = 0
        self._hidden = False

    def walk(self, root: Any, title: str) -> Understood:
        silent: Any = None
        for event, node in _etree.iterwalk(root, events=("start", "end")):
            if event == "start":
                if silent is None and self._unseen(node):
                    silent = node
                if silent is None:
                    self._open(node)
            else:
                if silent is None:
                    self._close(node)
                if silent is node:
                    silent = None
                if silent is None and node is not root and node.tail:
                    self._said.append(node.tail)
        self._flush()
        return finish(self._writing, title=title, notes=("hidden",) if self._hidden else ())

    def _unseen(self, node: Any) -> bool:
        tag = node.tag if isinstance(node.tag, str) else "comment"
        if tag in _SILENT or tag == "comment":
            return True
        style = node.get("style") or ""
        if node.get("hidden") is not None or _HIDDEN.search(style):
            self._hidden = True
            return True
        return False

    def _open(self, node: Any) -> None:
        tag = node.tag
        if tag in _HEADINGS:
            self._flush()
            self._level = _HEADINGS[tag]
        elif tag == "tr":
            self._flush()
            self._cells = []
        elif tag in ("td", "th") and self._cells is not None:
            self._said = []
        elif tag == "li":
            self._flush()
            self._items += 1
        elif tag in _BREAKS:
            self._break()
        if node.text:
            self._said.append(node.text)

    def _close(self, node: Any) -> None:
        tag = node.tag
        if tag in _HEADINGS:
            self._flush()
            self._level = 0
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append("".join(self._said))
            self._said = []
        elif tag == "tr" and self._cells is not None:
            self._writing.add("row", normal.row(self._cells))
            self._cells, self._said = None, []
        elif tag == "li":
            self._flush()
            self._items = max(0, self._items - 1)
        elif tag in _BREAKS:
            self._break()

    def _break(self) -> None:
        """A block ends; within a cell or a heading it only parts words."""
        if self._cells is not None or self._level:
            self._said.append(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        said, self._said = normal.line("".join(self._said)), []
        if self._cells is not None:
            return
        if self._level:
            self._writing.add("heading", said, self._level)
        elif self._items:
            self._writing.add("item", said, min(self._items, 9))
        else:
            self._writing.add("paragraph", said)
