"""The hospital's own knowledge: documents, versions, and who may see them."""

from countersign.ground.db.migrate import apply

revision = "0020_library"
down_revision = "0019_trust"


def upgrade() -> None:
    apply("0020_library.sql")


def downgrade() -> None:
    apply("0020_library.down.sql")
