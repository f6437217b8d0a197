"""What happened to scanners and stains is written down, and limits of control charts follow it."""

from countersign.ground.db.migrate import apply

revision = "0041_control_changes"
down_revision = "0040_taken_back"


def upgrade() -> None:
    apply("0041_control_changes.sql")


def downgrade() -> None:
    apply("0041_control_changes.down.sql")
