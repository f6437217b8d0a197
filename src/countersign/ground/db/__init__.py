"""PostgreSQL: the embedded server, the pools of each database role, the migrations."""

from . import backup, connection_check
from .backup import BackupDamaged, BackupFailed, RestoreFailed
from .downgrade import (
    HouseInUse,
    Lost,
    NoWayBack,
    UnknownRevision,
    WouldLose,
    check_unused,
    downgrade,
)
from .embedded import EmbeddedPostgres
from .migrate import Pending, SchemaTooNew, migrate, pending, present
from .pools import PATIENCE, Database, DatabaseUnavailable, DbRole, Pool, UnfitValue
from .scope import WHOLE, Scope, naming
from .whereabouts import places_of

__all__ = [
    "BackupDamaged",
    "BackupFailed",
    "Database",
    "DatabaseUnavailable",
    "DbRole",
    "EmbeddedPostgres",
    "HouseInUse",
    "Lost",
    "NoWayBack",
    "PATIENCE",
    "Pending",
    "Pool",
    "RestoreFailed",
    "SchemaTooNew",
    "Scope",
    "UnfitValue",
    "UnknownRevision",
    "WHOLE",
    "WouldLose",
    "backup",
    "check_unused",
    "connection_check",
    "downgrade",
    "migrate",
    "naming",
    "pending",
    "places_of",
    "present",
]
