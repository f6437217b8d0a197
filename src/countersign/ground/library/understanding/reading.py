"""Reads a file of any kind into a text; this runs in a process of its own, or for our own files."""

from __future__ import annotations

from pathlib import Path

from .formats import decoded_text, media_of
from .ocr import Engine
from .understood import Understood
from .unreadable import NotUnderstood


def read(data: bytes, suffix: str, engine: Engine | None = None) -> Understood:
    """What the file says. ``engine`` recognises pictured pages. Raises NotUnderstood."""
    kind = media_of(data, suffix)
    try:
        return _read(kind, data, engine)
    except (NotUnderstood, MemoryError):
        raise
    except RecursionError:
        raise NotUnderstood("bomb") from None
    except Exception:  # noqa: BLE001 - whatever a library trips over is the file's fault
        raise NotUnderstood("broken") from None


def _read(kind: str, data: bytes, engine: Engine | None) -> Understood:
    # Each reader loads its libraries only when a file of its kind comes.
    if kind == "pdf":
        from .portable import read_pdf

        return read_pdf(data, engine)
    if kind == "docx":
        from .word import read_docx

        return read_docx(data)
    if kind == "xlsx":
        from .sheets import read_xlsx

        return read_xlsx(data)
    if kind == "csv":
        from .sheets import read_csv

        return read_csv(decoded_text(data))
    if kind == "html":
        from .hypertext import read_html

        return read_html(data)
    from .marked import read_markdown, read_plain

    text = decoded_text(data)
    return read_markdown(text) if kind == "markdown" else read_plain(text)


def suffix_of(name: str) -> str:
    """The suffix of a file's name, without the dot, for ``read``."""
    suffix = Path(name).suffix.lstrip(".").lower()
    return suffix if suffix.isascii() and suffix.isalnum() and len(suffix) <= 10 else ""
