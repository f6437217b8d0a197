"""The patient's record."""

from countersign.ground.db.migrate import apply

revision = "0007_chart"
down_revision = "0006_jobs"


def upgrade() -> None:
    apply("0007_chart.sql")
