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
    """Procrastinate's own migrations up to 3.10, in the schema ``jobs``.

    Its later migrations belong in later revisions, so that an old and a new
    installation come to the same schema.
    """
    cursor = op.get_bind().connection.cursor()
    cursor.execute("create schema jobs")
    cursor.execute("set local search_path = jobs")
    folder = files("procrastinate.sql") / "migrations"
    for script in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if script.name.endswith(".sql") and script.name <= NEWEST:
            cursor.execute(script.read_text(encoding="utf-8"))
    cursor.execute("set local search_path to default")
    cursor.close()
