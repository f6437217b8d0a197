"""Keys that rotate while everybody works, and data that can be destroyed."""

from countersign.ground.db.migrate import apply

revision = "0009_vault_rotation"
down_revision = "0008_signoff"


def upgrade() -> None:
    apply("0009_vault_rotation.sql")


def downgrade() -> None:
    apply("0009_vault_rotation.down.sql")
