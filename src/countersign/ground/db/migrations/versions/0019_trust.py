"""How far the syslog collector is, and sign-outs that the provider announced."""

from countersign.ground.db.migrate import apply

revision = "0019_trust"
down_revision = "0018_placement"


def upgrade() -> None:
    apply("0019_trust.sql")


def downgrade() -> None:
    apply("0019_trust.down.sql")
