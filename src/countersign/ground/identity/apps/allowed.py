"""What a person has allowed and can end at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from countersign.ground.db import Pool
from countersign.ground.identity.errors import NotFound
from countersign.ground.identity.principal import Principal
from countersign.ground.identity.rights import ABSOLUTE
from countersign.ground.identity.scopes import Scopes, read_scopes
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock

from .grants import OPEN_SESSION


@dataclass(frozen=True, slots=True)
class Allowed:
    """One grant that holds; ``offline`` if it outlives the session."""

    id: str
    app: str
    name: str
    scopes: Scopes
    patient: str | None
    offline: bool
    made_at: datetime
    expires_at: datetime


class AllowedApps:
    """Lists and ends a person's own grants, with DbRole.IDENTITY."""

    def __init__(self, pool: Pool, ledger: Ledger, clock: Clock) -> None:
        self._pool = pool
        self._ledger = ledger
        self._clock = clock

    def of(self, principal: Principal) -> tuple[Allowed, ...]:
        """The person's own grants that hold, the latest first."""
        now = self._clock()
        rows = self._pool.rows(
            "select g.*, a.name from identity.app_grant g join identity.app a on a.id = g.app_id"
            " where g.person_id = %(person)s and g.revoked_at is null and a.revoked_at is null"
            " and g.code_used_at is not null and g.expires_at > %(now)s"
            " and (g.session_id is null or " + OPEN_SESSION + ") order by g.made_at desc, g.id",
            {"person": principal.id, "now": now, "oldest": now - ABSOLUTE},
        )
        return tuple(
            Allowed(
                row["id"],
                row["app_id"],
                row["name"],
                read_scopes(row["scopes"]),
                row["patient"],
                row["session_id"] is None,
                row["made_at"],
                row["expires_at"],
            )
            for row in rows
        )

    def end(self, principal: Principal, grant: str) -> None:
        """Ends one of the person's own grants with every token of it. Raises NotFound."""
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(
                "update identity.app_grant set revoked_at = coalesce(revoked_at, %s)"
                " where id = %s and person_id = %s returning app_id",
                (self._clock(), grant, principal.id),
            ).fetchone()
            if row is None:
                raise NotFound
            unit.record(
                Event(
                    EventKind.APP_ACCESS,
                    principal.actor,
                    subject=f"app:{row['app_id']}",
                    detail={"done": "revoked", "grant": grant},
                )
            )
