"""Registry of models and the Stop AI switch."""

from countersign.ground.db.migrate import apply

revision = "0005_models"
down_revision = "0004_identity"


def upgrade() -> None:
    apply("0005_models.sql")
