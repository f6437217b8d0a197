"""What readers leave behind stays within departments and reaches."""

from countersign.ground.db.migrate import apply

revision = "0037_curators"
down_revision = "0036_watched_folders"


def upgrade() -> None:
    apply("0037_curators.sql")


def downgrade() -> None:
    apply("0037_curators.down.sql")
