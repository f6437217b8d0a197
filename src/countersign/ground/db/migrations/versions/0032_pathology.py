"""Pathology: slides, whose they are, what was measured on them and what people corrected."""

from countersign.ground.db.migrate import apply

revision = "0032_pathology"
down_revision = "0031_preconsult"


def upgrade() -> None:
    apply("0032_pathology.sql")


def downgrade() -> None:
    apply("0032_pathology.down.sql")
