"""SMART on FHIR: apps, grants and tokens."""

from countersign.ground.db.migrate import apply

revision = "0015_smart"
down_revision = "0014_safety"


def upgrade() -> None:
    apply("0015_smart.sql")


def downgrade() -> None:
    apply("0015_smart.down.sql")
