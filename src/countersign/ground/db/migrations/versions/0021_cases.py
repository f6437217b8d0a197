"""Collections of cases that name nobody."""

from countersign.ground.db.migrate import apply

revision = "0021_cases"
down_revision = "0020_library"


def upgrade() -> None:
    apply("0021_cases.sql")


def downgrade() -> None:
    apply("0021_cases.down.sql")
