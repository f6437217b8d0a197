"""Functions that every schema uses."""

from countersign.ground.db.migrate import apply

revision = "0001_house"
down_revision = None


def upgrade() -> None:
    apply("0001_house.sql")
