"""The quality of each measured slide, summed for each day, so that control charts cover years."""

from countersign.ground.db.migrate import apply

revision = "0038_slide_quality"
down_revision = "0037_curators"


def upgrade() -> None:
    apply("0038_slide_quality.sql")


def downgrade() -> None:
    apply("0038_slide_quality.down.sql")
