"""Collections of cases that name nobody."""

from countersign.ground.db.migrate import apply

revision = "0021_cases"
down_revision = "0019_trust"


def upgrade() -> None:
    apply("0021_cases.sql")


def downgrade() -> None:
    apply("0021_cases.down.sql")
