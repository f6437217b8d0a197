"""A draft that nobody has decided can be taken back by who may change what it says."""

from countersign.ground.db.migrate import apply

revision = "0040_taken_back"
down_revision = "0039_worklist"


def upgrade() -> None:
    apply("0040_taken_back.sql")


def downgrade() -> None:
    apply("0040_taken_back.down.sql")
