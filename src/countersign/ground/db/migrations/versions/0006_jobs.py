"""Background work."""

from countersign.ground.db.migrate import apply

revision = "0006_jobs"
down_revision = "0005_models"


def upgrade() -> None:
    apply("0006_jobs.sql")
