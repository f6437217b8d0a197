"""The gate: drafts, signatures, releases."""

from countersign.ground.db.migrate import apply

revision = "0008_signoff"
down_revision = "0007_chart"


def upgrade() -> None:
    apply("0008_signoff.sql")
