"""Ends sessions here when the hospital's provider says that they ended there.

OpenID Connect Back-Channel Logout 1.0: the provider posts a signed logout token, without a
browser. It names a person, one session of theirs at the provider, or both.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import Clock

from .accounts import Accounts
from .errors import TokenRefused
from .idtoken import OLDEST, SKEW, Key, check_party, key_id, named, signed, timely
from .links import Links
from .provider import Provider

EVENT = "http://schemas.openid.net/event/backchannel-logout"
KINDS: frozenset[object] = frozenset({None, "JWT", "logout+jwt"})
"""What the token's header may say of its type; an ID token says none of the others."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """Who signed out at the provider: everybody's sessions of ``subject``, or that of ``sid``."""

    subject: str | None
    sid: str | None
    id: str


def farewell(token: str, keys: Sequence[Key], issuer: str, client: str, now: datetime) -> Farewell:
    """What a logout token says, once all of it was checked (2.6). Raises TokenRefused."""
    said = signed(token, keys, KINDS)
    check_party(said, issuer, client)
    timely(said, now)
    events: Any = said.get("events")
    if not isinstance(events, dict) or not isinstance(cast("Any", events).get(EVENT), dict):
        raise TokenRefused(reason="event")
    if "nonce" in said:  # so that no ID token is ever taken for one
        raise TokenRefused(reason="nonce")
    subject, sid, identifier = said.get("sub"), said.get("sid"), said.get("jti")
    given = [one for one in (subject, sid) if one is not None]
    if not given or not all(map(named, given)) or not named(identifier):
        raise TokenRefused(reason="subject")
    return Farewell(subject, sid, str(identifier))


class BackChannel:
    """``pool`` is that of DbRole.IDENTITY."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        provider: Provider,
        links: Links,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._provider = provider
        self._links = links
        self._accounts = accounts
        self._clock = clock

    def end(self, token: str) -> int:
        """Ends what the logout token names; how many sessions were open.

        Raises TokenRefused, also for a token that was taken before, and the provider's errors.
        """
        keys = self._provider.keys(key_id(token))
        settings = self._provider.settings
        said = farewell(token, keys, settings.issuer, settings.client, self._clock())
        self._use_up(f"{settings.issuer}\n{said.id}")
        person = None
        if said.subject is not None:
            person = self._links.person(settings.issuer, said.subject)
            if person is None:
                return 0  # of somebody who is nobody here
        ended = sum(
            self._accounts.end_from_afar(row["session_id"])
            for row in self._provided(person)
            if said.sid is None or self._sid(row) == said.sid
        )
        if person is not None:
            with self._pool.transaction() as connection:  # and what is half done
                self._accounts.pending.cancel(connection, person)
        return ended

    def _use_up(self, name: str) -> None:
        now, key = self._clock(), sha256(name.encode()).digest()
        with self._pool.transaction() as connection:
            connection.execute("delete from identity.logout where expires_at < %s", (now,))
            fresh = connection.execute(
                "insert into identity.logout values (%s, %s) on conflict do nothing",
                (key, now + OLDEST + 2 * SKEW),
            ).rowcount
        if not fresh:
            raise TokenRefused(reason="replayed")

    def _provided(self, person: str | None) -> list[DictRow]:
        """Open sessions that began at the provider, of one person or of everybody."""
        return self._pool.rows(
            "select p.* from identity.provided p join identity.session s on s.id = p.session_id"
            " where s.ended_at is null and (%(person)s::text is null or s.person_id = %(person)s)",
            {"person": person},
        )

    def _sid(self, row: DictRow) -> str | None:
        """The provider's name of a session, from the ID token with which it began."""
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        return session_named(self._vault.open(HOUSE, sealed, "provided").decode())


def session_named(token: str) -> str | None:
    """The claim ``sid`` of an ID token that was checked when it came; None where it has none."""
    payload = token.split(".")[1]
    said: Mapping[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    sid = said.get("sid")
    return sid if isinstance(sid, str) else None
