"""Records that are being written."""

from countersign.ground.db.migrate import apply

revision = "0030_records"
down_revision = "0029_distilling"


def upgrade() -> None:
    apply("0030_records.sql")


def downgrade() -> None:
    apply("0030_records.down.sql")
