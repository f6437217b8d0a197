"""Folders that curators let be watched, and what was seen there."""

from countersign.ground.db.migrate import apply

revision = "0036_watched_folders"
down_revision = "0035_orders"


def upgrade() -> None:
    apply("0036_watched_folders.sql")


def downgrade() -> None:
    apply("0036_watched_folders.down.sql")
