"""Finds every text that a person may read, and which of them lack a Chinese translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from .languages import MESSAGES
from .pages import LOCALE

_NAMES = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
_SENTENCE = re.compile(r"[A-Z].* .*[.?!]", re.DOTALL)
_JINJA = {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.do"}
_WITHIN = {"reason", "problem", "what"}
"""Details of errors that are said within their sentences."""

_NOT_OURS = {"static", "__pycache__"}


def missing_translations(
    sources: Iterable[Path], locales: Iterable[Path] = (), here_only: Path | None = None
) -> tuple[str, ...]:
    """A complaint for each text below ``sources`` without a fit Chinese translation.

    The shell's own translations always count, besides those of ``locales``. A translation
    is fit that is not empty, not marked fuzzy, and fills the same names as the English.
    With ``here_only`` (one of the locales) its translations that nothing uses are named too.
    """
    texts = {text for source in sources for text in texts_below(source)}
    known: dict[str, str] = {}
    for folder in (LOCALE, *locales):
        known |= _translated(folder)
    complaints = [_complaint(text, known.get(text, "")) for text in sorted(texts)]
    if here_only is not None:
        idle = sorted(set(_translated(here_only)) - texts)
        complaints += [f"translated, but said nowhere: {text!r}" for text in idle]
    return tuple(complaint for complaint in complaints if complaint)


def texts_below(folder: Path) -> set[str]:
    """The texts of templates, of ``_("…")`` in Python, and of errors' messages."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*")):
        if _NOT_OURS.intersection(file.parts):
            continue
        if file.suffix == ".html":
            found |= set(_gettext(babel_extract, file))
        elif file.suffix == ".py":
            found |= set(_gettext("python", file)) | set(_of_errors(file))
    return found


def _gettext(method: Any, file: Path) -> Iterator[str]:
    options: Any = _JINJA if file.suffix == ".html" else {}
    for _, message, _, context in extract_from_file(method, file, options=options):
        yield _key(message if isinstance(message, str) else message[0], context)


def _key(text: str, context: str | None) -> str:
    """A text with the context that tells its meaning, joined as gettext joins them."""
    return f"{context}\x04{text}" if context else text


def _of_errors(file: Path) -> Iterator[str]:
    """Messages of error classes; sentences, and reasons of more than a word, raised with them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            given = dict(pair for line in node.body for pair in _constant(line))
            message = given.get("message", "")
            if "code" in given and _NAMES.sub("", message).strip():
                yield message
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for keyword in node.exc.keywords:
                text = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if not isinstance(text, str):
                    continue
                if _SENTENCE.fullmatch(text) or (keyword.arg in _WITHIN and " " in text):
                    yield text


def _constant(line: ast.stmt) -> Iterator[tuple[str, str]]:
    """The name and the text that a line of a class body sets."""
    if isinstance(line, ast.Assign):
        target = line.targets[0]
    elif isinstance(line, ast.AnnAssign):
        target = line.target
    else:
        return
    if isinstance(target, ast.Name) and isinstance(line.value, ast.Constant):
        yield target.id, str(line.value.value)


def _translated(folder: Path) -> dict[str, str]:
    file = folder / MESSAGES
    if not file.is_file():
        return {}
    with file.open("rb") as lines:
        catalogue = read_po(lines, locale="zh_CN")
    return {
        _key(message.id if isinstance(message.id, str) else message.id[0], message.context): (
            message.string if isinstance(message.string, str) else message.string[0]
        )
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


def _complaint(text: str, chinese: str) -> str:
    if not chinese.strip():
        return f"no Chinese for {text!r}"
    if sorted(_NAMES.findall(text)) != sorted(_NAMES.findall(chinese)):
        return f"other names filled in than in {text!r}: {chinese!r}"
    return ""
