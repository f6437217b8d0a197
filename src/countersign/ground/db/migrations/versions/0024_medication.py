"""Medication safety: checked orders, alerts by rule, the pharmacy's rules."""

from countersign.ground.db.migrate import apply

revision = "0024_medication"
down_revision = "0021_cases"


def upgrade() -> None:
    apply("0024_medication.sql")


def downgrade() -> None:
    apply("0024_medication.down.sql")
