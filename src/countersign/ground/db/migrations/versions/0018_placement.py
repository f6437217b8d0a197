"""What the policy knew of each patient, and since when."""

from countersign.ground.db.migrate import apply

revision = "0018_placement"
down_revision = "0017_people"


def upgrade() -> None:
    apply("0018_placement.sql")


def downgrade() -> None:
    apply("0018_placement.down.sql")
