"""Protocols: drafted, signed by a senior physician, withdrawn; the newest signed one holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .errors import NoProtocol, ProtocolState
from .held import Protocol


class Protocols:
    """Standing orders for what goes to patients unseen. ``pool`` logs in as DbRole.ROOM."""

    def __init__(self, pool: Pool, ledger: Ledger, policy: Policy, new_id: NewId) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._new_id = new_id

    def draft(self, principal: Principal, content: Mapping[str, Any]) -> str:
        """A new version that nobody has signed; returns its id. Raises Forbidden."""
        self._policy.require(principal, Action.PROTOCOL_SIGN, Facts.house("protocol"))
        raw, made = encode(dict(content)), self._new_id()
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into interviews.protocol (id, content, sha256, actor)"
                " values (%s, %s, %s, %s)",
                (made, raw.decode(), digest(raw), principal.actor),
            )
            unit.record(_changed(principal, made, "drafted", digest(raw).hex()))
        return made

    def sign(self, principal: Principal, protocol: str, sha256: str) -> None:
        """Puts it in force; ``sha256`` is of what the physician read.

        Raises Forbidden, ProtocolState, LedgerUnavailable.
        """
        self._step(principal, protocol, "signed", sha256)

    def withdraw(self, principal: Principal, protocol: str, sha256: str) -> None:
        """From then on no link is made by it. Raises as ``sign``."""
        self._step(principal, protocol, "withdrawn", sha256)

    def in_force(self) -> Protocol:
        """The newest that is signed. Raises NoProtocol."""
        rows = self._pool.rows(
            "select * from interviews.protocol_state where state = 'signed'"
            " order by number desc limit 1"
        )
        if not rows:
            raise NoProtocol
        return _protocol(rows[0])

    def one(self, protocol: str) -> Protocol:
        """Any version. Raises ProtocolState for one that is not there."""
        rows = self._pool.rows("select * from interviews.protocol_state where id = %s", (protocol,))
        if not rows:
            raise ProtocolState
        return _protocol(rows[0])

    def all(self) -> list[Protocol]:
        """Every version, the newest first."""
        rows = self._pool.rows("select * from interviews.protocol_state order by number desc")
        return list(map(_protocol, rows))

    def _step(self, principal: Principal, protocol: str, state: str, sha256: str) -> None:
        self._policy.require(principal, Action.PROTOCOL_SIGN, Facts.house("protocol"))
        found = self.one(protocol)
        if found.sha256 != sha256 or found.state == "withdrawn":
            raise ProtocolState
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into interviews.protocol_step (protocol_id, state, actor)"
                    " values (%s, %s, %s)",
                    (protocol, state, principal.actor),
                )
                unit.record(_changed(principal, protocol, state, sha256))
        except psycopg.Error as problem:
            if problem.sqlstate in ("CSI01", "23505"):
                raise ProtocolState from None
            raise


def _protocol(row: DictRow) -> Protocol:
    return Protocol(
        row["id"], row["number"], row["content"], row["sha256"].hex(), row["state"], row["actor"],
        row["at"], row["signed_by"], row["signed_at"],
    )  # fmt: skip


def _changed(principal: Principal, protocol: str, change: str, sha256: str) -> Event:
    return Event(
        EventKind.PROTOCOL_CHANGED,
        principal.actor,
        subject=f"protocol:{protocol}",
        commits={"content": sha256},
        detail={"change": change},
    )
