"""Alerts in other systems are counted by their rule."""

from countersign.ground.db.migrate import apply

revision = "0035_orders"
down_revision = "0034_nursing"


def upgrade() -> None:
    apply("0035_orders.sql")


def downgrade() -> None:
    apply("0035_orders.down.sql")
