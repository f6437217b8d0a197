"""The PostgreSQL of an installation: the configured one, or the embedded one while it is needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from countersign.ground.db import EmbeddedPostgres

from .settings import Settings


@contextmanager
def server(settings: Settings) -> Generator[EmbeddedPostgres | None]:
    """The embedded server while the block runs, or None where one is configured."""
    if settings.database:
        yield None
        return
    embedded = EmbeddedPostgres(settings.postgres, settings.archive)
    try:
        yield embedded
    finally:
        embedded.stop()


@contextmanager
def postgres(settings: Settings) -> Generator[str]:
    """The owner's connection string; the embedded server runs while the block does."""
    with server(settings) as embedded:
        yield embedded.conninfo if embedded else settings.database or ""
