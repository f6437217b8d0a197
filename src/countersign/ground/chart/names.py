"""Text as search compares it: width, case, accents and spaces do not count."""

from __future__ import annotations

import unicodedata

from countersign.kit.json import JSON

PREFIX = 24
"""The longest beginning that is indexed; what is longer is compared after decryption."""


def normal(text: str) -> str:
    """NFKC, case folded, accents removed, spaces collapsed; Chinese characters stay whole."""
    if text.isascii():
        return " ".join(text.lower().split())
    bare = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", kept).split())


def beginnings(text: str) -> set[str]:
    """What a search may begin with: every beginning of the text and of each of its words."""
    whole = normal(text)
    starts = {whole, *whole.split(" ")} if whole else set[str]()
    return {start[:end] for start in starts for end in range(1, min(len(start), PREFIX) + 1)}


def begins(text: str, query: str) -> bool:
    """Whether the text, or a word of it, begins with the query (both as people write them)."""
    whole, wanted = normal(text), normal(query)
    return bool(wanted) and (" " + whole).find(" " + wanted) >= 0


def person_name(names: list[JSON]) -> str:
    """One line for a list of patients: the official name, in its own language's order."""
    if not names:
        return ""
    order = {"official": 0, "usual": 1}
    name = min(names, key=lambda one: order.get(str(one.get("use")), 2))
    if isinstance(name.get("text"), str):
        return str(name["text"])
    given, family = " ".join(name.get("given", [])), str(name.get("family", ""))
    if any("\u2e80" <= char <= "\u9fff" for char in family + given):
        return family + given.replace(" ", "")
    return f"{given} {family}".strip()
