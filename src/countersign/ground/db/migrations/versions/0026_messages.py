"""Messages of other systems."""

from countersign.ground.db.migrate import apply

revision = "0026_messages"
down_revision = "0025_hooks"


def upgrade() -> None:
    apply("0026_messages.sql")


def downgrade() -> None:
    apply("0026_messages.down.sql")
