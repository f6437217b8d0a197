"""People, sessions, care relations."""

from countersign.ground.db.migrate import apply

revision = "0004_identity"
down_revision = "0003_vault"


def upgrade() -> None:
    apply("0004_identity.sql")
