"""Pre-consultation: protocols, links and what patients tell."""

from countersign.ground.db.migrate import apply

revision = "0031_preconsult"
down_revision = "0030_records"


def upgrade() -> None:
    apply("0031_preconsult.sql")


def downgrade() -> None:
    apply("0031_preconsult.down.sql")
