"""The hospital's own files that rooms read, as the settings name them."""

from __future__ import annotations

from pathlib import Path

from .settings import Settings


def files_of(settings: Settings) -> dict[str, Path | None]:
    """Each by its name among the floor's fields."""
    return {
        "assistants": settings.assistants_folder,
        "records": settings.records_folder,
        "icd10": settings.search_aids.icd10,
    }
