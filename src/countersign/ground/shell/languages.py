"""The language of a request, and the translations that are read from .po files at start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from countersign.kit.words import LANGUAGES, Language

MESSAGES = Path("zh_CN") / "LC_MESSAGES" / "messages.po"
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}

Translations = Mapping[Language, NullTranslations]


class TwoTranslations(ValueError):
    """The same English text has two Chinese translations, so one term would have two names."""


def chosen(cookie: str | None, accept: str | None, otherwise: Language = "zh") -> Language:
    """The language a person chose, else the one the browser asks for, else the house's own."""
    for language in LANGUAGES:
        if cookie == language:
            return language
    return _accepted(accept or "", otherwise)


def _accepted(header: str, otherwise: Language) -> Language:
    wishes: list[tuple[float, Language]] = []
    for part in header.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        for language in LANGUAGES:
            if tag.split("-")[0] == language:
                wishes.append((_quality(parameter), language))
    wishes = [wish for wish in wishes if wish[0] > 0]
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else otherwise


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def translations(folders: Iterable[Path]) -> Translations:
    """The catalogues of the shell and of every room as one; English is the source text.

    Raises TwoTranslations where two folders translate the same text differently: give the
    text a context (``pgettext``) when it truly has two meanings.
    """
    merged = Catalog(locale="zh_CN")
    for folder in folders:
        with (folder / MESSAGES).open("rb") as lines:
            _merge(merged, read_po(lines, locale="zh_CN"), folder)
    binary = BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return {"en": NullTranslations(), "zh": GNUTranslations(binary)}


def _merge(merged: Catalog, catalogue: Catalog, folder: Path) -> None:
    for message in catalogue:
        if not message.id or not message.string or message.fuzzy:
            continue
        known = merged.get(message.id, message.context)
        if known is not None and known.string != message.string:
            raise TwoTranslations(f"{folder}: {message.id!r} is already {known.string!r}")
        merged.add(message.id, message.string, context=message.context)
