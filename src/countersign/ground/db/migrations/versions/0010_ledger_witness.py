"""Who may record what, witnesses of the ledger, and payloads that end with their retention."""

from countersign.ground.db.migrate import apply

revision = "0010_ledger_witness"
down_revision = "0009_vault_rotation"


def upgrade() -> None:
    apply("0010_ledger_witness.sql")


def downgrade() -> None:
    apply("0010_ledger_witness.down.sql")
