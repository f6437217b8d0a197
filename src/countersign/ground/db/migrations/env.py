"""Runs the migrations on the connection that ``migrate`` or ``downgrade`` names."""

from __future__ import annotations

from alembic import context

from countersign.ground.db.migrate import engine

shared = context.config.attributes.get("connection")
if shared is not None:
    # A way back: one transaction of the caller, who looks at the end whether it may stay.
    context.configure(connection=shared)
    context.run_migrations()
else:
    with engine(context.config.attributes["conninfo"]).connect() as connection:
        # Held until the connection closes: each migration commits a transaction of its own.
        connection.exec_driver_sql("select pg_advisory_lock(73102)")
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
