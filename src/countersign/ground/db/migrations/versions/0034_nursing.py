"""Nurses sign nursing records."""

from countersign.ground.db.migrate import apply

revision = "0034_nursing"
down_revision = "0033_received"


def upgrade() -> None:
    apply("0034_nursing.sql")


def downgrade() -> None:
    apply("0034_nursing.down.sql")
