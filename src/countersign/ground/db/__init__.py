"""PostgreSQL: the embedded server, the pools of each database role, the migrations."""

from . import connection_check
from .embedded import EmbeddedPostgres
from .migrate import migrate
from .pools import Database, DatabaseUnavailable, DbRole, Pool, UnfitValue
from .whereabouts import places_of

__all__ = [
    "Database",
    "DatabaseUnavailable",
    "DbRole",
    "EmbeddedPostgres",
    "Pool",
    "UnfitValue",
    "connection_check",
    "migrate",
    "places_of",
]
