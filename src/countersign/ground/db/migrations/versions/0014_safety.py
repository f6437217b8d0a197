"""The safety loop: provenance, recalls, adjudication, reading times, own impressions."""

from countersign.ground.db.migrate import apply

revision = "0014_safety"
down_revision = "0012_access"


def upgrade() -> None:
    apply("0014_safety.sql")


def downgrade() -> None:
    apply("0014_safety.down.sql")
