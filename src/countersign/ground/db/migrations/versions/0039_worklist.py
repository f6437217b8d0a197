"""Worklist and queue stay quick with a million slides."""

from countersign.ground.db.migrate import apply

revision = "0039_worklist"
down_revision = "0038_slide_quality"


def upgrade() -> None:
    apply("0039_worklist.sql")


def downgrade() -> None:
    apply("0039_worklist.down.sql")
