"""Background work."""

from importlib.resources import files

from alembic import op

from countersign.ground.db.migrate import apply

revision = "0006_jobs"
down_revision = "0005_models"

NEWEST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    _queue()
    apply("0006_jobs.sql")


def _queue() -> None:
    """Procrastinate 3.10's own schema, in the schema ``jobs``.

    Its migrations end in the same schema but cannot run in one transaction before
    PostgreSQL 17 (a new enum value may not be used in the transaction that adds it). Those
    after NEWEST belong in later revisions, so that an old and a new installation come to the
    same schema.
    """
    cursor = op.get_bind().connection.cursor()
    cursor.execute("create schema jobs")
    cursor.execute("set local search_path = jobs")
    schema = files("procrastinate.sql") / "schema.sql"
    cursor.execute(schema.read_text(encoding="utf-8"))
    cursor.execute("set local search_path to default")
    cursor.close()
