"""How people prove who they are: the hospital's sign-in, second factors, presence."""

from countersign.ground.db.migrate import apply

revision = "0011_signin"
down_revision = "0010_ledger_witness"


def upgrade() -> None:
    apply("0011_signin.sql")


def downgrade() -> None:
    apply("0011_signin.down.sql")
