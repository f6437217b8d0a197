"""The PostgreSQL of an installation: the configured one, or the embedded one while it is needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from countersign.ground.db import EmbeddedPostgres

from .settings import Settings


@contextmanager
def postgres(settings: Settings) -> Generator[str]:
    """The owner's connection string; the embedded server runs while the block does."""
    if settings.database:
        yield settings.database
        return
    server = EmbeddedPostgres(settings.postgres)
    try:
        yield server.conninfo
    finally:
        server.stop()
