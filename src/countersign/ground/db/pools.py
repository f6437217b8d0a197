"""A pool of connections for each database role; a part receives only the roles it is due."""

from __future__ import annotations

import hmac
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from enum import StrEnum
from select import POLLHUP, POLLIN, poll
from threading import Lock
from typing import LiteralString

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from countersign.kit.errors import CountersignError

from .bounded import CONNECT, LOCK, BoundedConnection
from .scope import NO_SCOPE, SET_SCOPE, Scope


class DbRole(StrEnum):
    """The login roles that migration 0001 makes; none of them owns a table."""

    ROOM = "countersign_room"
    RECEIVER = "countersign_receiver"
    SIGNER = "countersign_signer"
    SENDER = "countersign_sender"
    AUDITOR = "countersign_auditor"
    IDENTITY = "countersign_identity"
    VAULT = "countersign_vault"
    LEDGER = "countersign_ledger"
    STEWARD = "countersign_steward"
    JOBS = "countersign_jobs"
    LIBRARY = "countersign_library"
    INTERFACE = "countersign_interface"


PATIENCE = 300.0
"""Seconds that a statement may take where no person waits for it."""

WAIT = 10.0
"""Seconds that somebody waits for a connection."""

AGAIN = 0.25
"""Seconds after which one asks anew a pool that has no connection."""

UNSTORABLE = (None, "22021", "22P05")
"""Of a value with a NUL, which the driver refuses, or with a sign the database cannot hold."""


class UnfitValue(CountersignError):
    code = "database.unfit_value"
    status = 400
    message = "What was asked for holds a sign that cannot be stored. Take it out and try again."


class DatabaseUnavailable(CountersignError):
    code = "database.unavailable"
    status = 503
    message = "The database does not answer. Nothing was saved. Try again; if it stays so, tell IT."


def password(secret: bytes, role: DbRole) -> str:
    """The login password of a role, derived from the installation's secret."""
    return hmac.digest(secret, b"database role " + role.encode(), "sha256").hex()


class _Scoped(BoundedConnection):
    """A connection that remembers for whom it reads."""

    scope: Scope | None = None

    def reach(self, scope: Scope | None) -> None:
        """Says it to the database, unless it knows: one message, and none for the same again."""
        if self.scope == scope:
            return
        self.autocommit = True
        self.execute(SET_SCOPE, scope.settings() if scope else NO_SCOPE)
        self.autocommit = False
        self.scope = scope


def _still_there(connection: Connection[DictRow]) -> None:
    """Raises OperationalError when the server closed the connection while it lay unused.

    That shows in the socket without anything being sent; only then is the server asked. So
    after a restart nobody is answered with an error for each connection of before.
    """
    watch = poll()
    watch.register(connection.pgconn.socket, POLLIN | POLLHUP)
    if watch.poll(0):
        connection.execute("select 1")
        if connection.info.transaction_status:
            connection.rollback()


class Pool:
    """Connections that log in as one role. Rows come back as dictionaries.

    Where charts and drafts are read, ``within`` says for whom; a pool without a scope sees
    none of them.

    ``patience`` is how many seconds one statement may take.
    """

    def __init__(self, conninfo: str, role: DbRole, size: int, patience: float = PATIENCE) -> None:
        self.role = role
        self._scope: Scope | None = None

        class Patient(_Scoped):
            """Waits as long as this pool's users do."""

        Patient.patience = patience
        self._pool: ConnectionPool[_Scoped] = ConnectionPool(
            conninfo,
            connection_class=Patient,
            kwargs={
                "row_factory": dict_row,
                "options": f"-c timezone=UTC -c lock_timeout={LOCK}s",
                "connect_timeout": CONNECT,
            },
            min_size=0,
            max_size=size,
            timeout=WAIT,
            max_idle=600,
            reconnect_timeout=AGAIN,
            check=_still_there,
            open=True,
        )

    def within(self, scope: Scope) -> Pool:
        """The same connections, limited to what this scope may see."""
        narrower = copy(self)
        narrower._scope = scope
        return narrower

    @contextmanager
    def transaction(self) -> Generator[Connection[DictRow]]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Raises DatabaseUnavailable when no connection can be had, it breaks, the disk is full or the
        server takes no writing.
        """
        try:
            connection = self._lent()
            try:
                with connection:
                    connection.reach(self._scope)
                    yield connection
            finally:
                self._pool.putconn(connection)
        except (PoolTimeout, psycopg.OperationalError, ReadOnlySqlTransaction) as problem:
            raise DatabaseUnavailable from problem

    def _lent(self) -> _Scoped:
        """A connection of the pool.

        A pool that could not connect tries no more for who waits already, so that after a
        restart of the server one must ask anew to be served at once. Raises PoolTimeout.
        """
        until, wait = time.monotonic() + WAIT, AGAIN
        while True:
            try:
                return self._pool.getconn(timeout=wait)
            except PoolTimeout:
                if time.monotonic() >= until:
                    raise
            said = self._pool.get_stats()
            # Where all are in use, whoever asks anew goes to the end of the line.
            wait = WAIT / 4 if said["pool_size"] == said["pool_max"] else AGAIN

    @contextmanager
    def reading(self) -> Generator[Connection[DictRow]]:
        """A connection on which each query is a transaction of its own: two messages fewer.

        Raises DatabaseUnavailable as ``transaction`` does, and UnfitValue.
        """
        with self.transaction() as connection:
            connection.autocommit = True
            try:
                yield connection
            except psycopg.DataError as problem:
                if problem.sqlstate in UNSTORABLE:
                    raise UnfitValue from problem
                raise
            finally:
                if not connection.closed:
                    connection.autocommit = False

    def rows(
        self,
        query: LiteralString | sql.Composed,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
    ) -> list[DictRow]:
        """The rows of one query in a transaction of its own.

        The type refuses text that is not written in the source, so that no value can
        become SQL.
        """
        with self.reading() as connection:
            return connection.execute(query, parameters).fetchall()

    def use(self) -> dict[str, int]:
        """How many connections are open and idle, and how many requests wait for one."""
        said = self._pool.get_stats()
        names = {"open": "pool_size", "idle": "pool_available", "waiting": "requests_waiting"}
        return {name: said.get(field, 0) for name, field in names.items()}

    def close(self) -> None:
        self._pool.close()


class Database:
    """Hands out one pool for each role; pools are made when they are first asked for."""

    def __init__(
        self,
        owner_conninfo: str,
        secret: bytes,
        pool_size: int = 8,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self.owner_conninfo = owner_conninfo
        self._secret = secret
        self._size = pool_size
        self._pools: dict[DbRole, Pool] = {}
        self._making = Lock()

    def conninfo(self, role: DbRole) -> str:
        """The connection string with which ``role`` logs in."""
        parts = conninfo_to_dict(self.owner_conninfo)
        parts.update(user=str(role), password=password(self._secret, role))
        return make_conninfo("", **{key: value for key, value in parts.items() if value})

    def pool(self, role: DbRole, size: int | None = None) -> Pool:
        """The pool of ``role``; made once in this process."""
        with self._making:
            if role not in self._pools:
                self._pools[role] = Pool(
                    self.conninfo(role), role, size or self._size, self._patience
                )
            return self._pools[role]

    def use(self, role: DbRole) -> dict[str, int]:
        """How many connections of ``role`` are open, idle and asked for; {} for no pool."""
        pool = self._pools.get(role)
        return pool.use() if pool else {}

    def close(self) -> None:
        """Closes every pool."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
