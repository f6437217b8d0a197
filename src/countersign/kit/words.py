"""A sentence in the two languages of the interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The same statement in English and in Simplified Chinese; neither may be empty."""

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.zh.strip():
            raise ValueError("Words need both languages")

    def into(self, language: Language) -> str:
        """The text in one language."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        """In English, as sentences of errors are without a reader's language."""
        return self.en

    def as_json(self) -> dict[str, str]:
        """``{"en": …, "zh": …}``."""
        return {"en": self.en, "zh": self.zh}
