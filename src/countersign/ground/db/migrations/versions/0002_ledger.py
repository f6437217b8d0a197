"""The ledger."""

from countersign.ground.db.migrate import apply

revision = "0002_ledger"
down_revision = "0001_house"


def upgrade() -> None:
    apply("0002_ledger.sql")
