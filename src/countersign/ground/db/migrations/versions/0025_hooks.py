"""CDS clients, the cards they were shown, and what became of each."""

from countersign.ground.db.migrate import apply

revision = "0025_hooks"
down_revision = "0024_medication"


def upgrade() -> None:
    apply("0025_hooks.sql")


def downgrade() -> None:
    apply("0025_hooks.down.sql")
