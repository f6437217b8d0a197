"""Who may see what, held by the database as well: scopes, break-glass, consent, delegation."""

from countersign.ground.db.migrate import apply

revision = "0012_access"
down_revision = "0011_signin"


def upgrade() -> None:
    apply("0012_access.sql")


def downgrade() -> None:
    apply("0012_access.down.sql")
