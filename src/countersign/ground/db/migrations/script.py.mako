"""${message}."""

from countersign.ground.db.migrate import apply

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    apply("${up_revision}.sql")


def downgrade() -> None:
    apply("${up_revision}.down.sql")
