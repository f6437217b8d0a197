"""Small models that the hospital distils."""

from countersign.ground.db.migrate import apply

revision = "0029_distilling"
down_revision = "0028_study"


def upgrade() -> None:
    apply("0029_distilling.sql")


def downgrade() -> None:
    apply("0029_distilling.down.sql")
