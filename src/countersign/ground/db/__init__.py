"""PostgreSQL: the embedded server, the pools of each database role, the migrations."""

from . import connection_check
from .embedded import EmbeddedPostgres
from .migrate import migrate
from .pools import Database, DatabaseUnavailable, DbRole, Pool, UnfitValue
from .scope import WHOLE, Scope, naming

__all__ = [
    "WHOLE",
    "Database",
    "DatabaseUnavailable",
    "DbRole",
    "EmbeddedPostgres",
    "Pool",
    "Scope",
    "UnfitValue",
    "connection_check",
    "migrate",
    "naming",
]
