"""Studies of cost and performance: plans, answers, loads, imported results, prices."""

from countersign.ground.db.migrate import apply

revision = "0028_study"
down_revision = "0027_gateway"


def upgrade() -> None:
    apply("0028_study.sql")


def downgrade() -> None:
    apply("0028_study.down.sql")
