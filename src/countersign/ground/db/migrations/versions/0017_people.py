"""Delegation while on leave, labels that people and rules set, both held by the database."""

from countersign.ground.db.migrate import apply

revision = "0017_people"
down_revision = "0016_calendar"


def upgrade() -> None:
    apply("0017_people.sql")


def downgrade() -> None:
    apply("0017_people.down.sql")
