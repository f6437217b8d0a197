"""The hospital's own language models."""

from countersign.ground.db.migrate import apply

revision = "0027_gateway"
down_revision = "0026_messages"


def upgrade() -> None:
    apply("0027_gateway.sql")


def downgrade() -> None:
    apply("0027_gateway.down.sql")
