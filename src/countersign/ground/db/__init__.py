"""PostgreSQL: the embedded server, the pools of each database role, the migrations."""

from . import backup, connection_check
from .backup import BackupFailed, RestoreFailed
from .embedded import EmbeddedPostgres
from .migrate import migrate
from .pools import PATIENCE, Database, DatabaseUnavailable, DbRole, Pool, UnfitValue

__all__ = [
    "PATIENCE",
    "BackupFailed",
    "Database",
    "DatabaseUnavailable",
    "DbRole",
    "EmbeddedPostgres",
    "Pool",
    "RestoreFailed",
    "UnfitValue",
    "backup",
    "connection_check",
    "migrate",
]
