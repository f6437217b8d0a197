"""With which name and password one can try the demonstration."""

from __future__ import annotations

from collections.abc import Iterator

from .demonstration import hospital

PASSWORD = "countersign-demo"  # noqa: S105 - printed at every start; the patients are invented


def accounts() -> Iterator[tuple[str, str, str]]:
    """Name, password and title of each demonstration account."""
    for person in hospital().accounts:
        yield person.username, PASSWORD, f"{person.title.zh} · {person.title.en}"
