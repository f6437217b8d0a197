"""Pictures that other systems send."""

from countersign.ground.db.migrate import apply

revision = "0033_received"
down_revision = "0032_pathology"


def upgrade() -> None:
    apply("0033_received.sql")


def downgrade() -> None:
    apply("0033_received.down.sql")
