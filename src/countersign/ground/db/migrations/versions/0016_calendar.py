"""The hospital's calendar by its own time zone."""

from countersign.ground.db.migrate import apply

revision = "0016_calendar"
down_revision = "0015_smart"


def upgrade() -> None:
    apply("0016_calendar.sql")


def downgrade() -> None:
    apply("0016_calendar.down.sql")
