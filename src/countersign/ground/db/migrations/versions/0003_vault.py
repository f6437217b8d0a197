"""Wrapped keys."""

from countersign.ground.db.migrate import apply

revision = "0003_vault"
down_revision = "0002_ledger"


def upgrade() -> None:
    apply("0003_vault.sql")
