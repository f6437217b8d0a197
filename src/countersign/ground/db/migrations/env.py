"""Runs the migrations on the connection that ``migrate`` names."""

from __future__ import annotations

from alembic import context
from psycopg import connect
from sqlalchemy import create_engine, pool

conninfo: str = context.config.attributes["conninfo"]
engine = create_engine(
    "postgresql+psycopg://", creator=lambda: connect(conninfo), poolclass=pool.NullPool
)
with engine.connect() as connection:
    # Held until the connection closes: each migration commits a transaction of its own.
    connection.exec_driver_sql("select pg_advisory_lock(73102)")
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
