"""Checks the token by which a workstation proves itself to a service (CDS Hooks 2.0, security)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError

from countersign.ground.db import Pool
from countersign.ground.identity import jwts
from countersign.ground.identity.errors import BadKeys, KeysUnreached
from countersign.ground.identity.jwts import LEEWAY, LIFE, ends, moment
from countersign.ground.identity.keysets import ALGORITHMS, KeySets
from countersign.ground.identity.sessions import token_hash
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock

from .errors import NoSuchCdsClient, NotProved, SwitchedOff
from .registry import CdsClient, CdsClients

SELF: Final = "system:hooks"


class Proving:
    """Finds out which system signed a token, once for each token. With DbRole.IDENTITY."""

    def __init__(
        self, clients: CdsClients, keys: KeySets, pool: Pool, ledger: Ledger, clock: Clock
    ) -> None:
        self._clients = clients
        self._keys = keys
        self._pool = pool
        self._ledger = ledger
        self._clock = clock

    def prove(self, token: str, audience: str) -> CdsClient:
        """The system that signed for ``audience``, the address that is called. Raises
        NotProved, SwitchedOff; whatever a known system's name was used for is recorded.
        """
        header, claims = peek(token)
        issuer = claims.get("iss")
        try:
            client = self._clients.issued_by(issuer if isinstance(issuer, str) else "")
        except NoSuchCdsClient:
            raise NotProved(reason="iss names no registered system") from None
        try:
            said = self._verified(client, token, header)
            expires = check(said, audience, self._clock())
            if not client.answered:
                raise SwitchedOff
            self._once(client, str(said["jti"]), expires + LEEWAY)
        except (NotProved, SwitchedOff) as problem:
            self._refused(client, str(problem.details.get("reason", problem.code)))
            raise
        return client

    def _verified(
        self, client: CdsClient, token: str, header: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if header.get("alg") not in ALGORITHMS:
            raise NotProved(reason=f"sign with {' or '.join(ALGORITHMS)}")
        if "jku" in header and header["jku"] != client.jwks_url:
            raise NotProved(reason="jku is not the registered address of its keys")
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise NotProved(reason="kid is missing")
        try:
            keys = self._keys.find(client.jwks, client.jwks_url, key_id)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except (BadKeys, KeysUnreached):
            raise NotProved(reason="its keys could not be fetched") from None
        except (JoseError, ValueError, TypeError):
            raise NotProved(reason="the signature does not verify") from None

    def _once(self, client: CdsClient, jti: str, expires: datetime) -> None:
        """Takes note of a token, which holds once."""
        now = self._clock()
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from identity.cds_token where expires_at < %s", (now - LIFE,)
            )
            fresh = connection.execute(
                "insert into identity.cds_token (client_id, jti_hash, expires_at)"
                " values (%s, %s, %s) on conflict do nothing",
                (client.id, token_hash(jti), expires),
            )
        if fresh.rowcount == 0:
            raise NotProved(reason="this token was used before")

    def _refused(self, client: CdsClient, reason: str) -> None:
        self._ledger.record_soon(
            Event(
                EventKind.CDS_CLIENT_REFUSED,
                SELF,
                subject=f"cds-client:{client.id}",
                detail={"reason": reason},
            )
        )


def check(claims: Mapping[str, Any], audience: str, now: datetime) -> datetime:
    """When the token ends. Raises NotProved with what is wrong with its claims."""
    said = claims.get("aud")
    if audience not in (cast("list[object]", said) if isinstance(said, list) else [said]):
        raise NotProved(reason="aud must be the address that is called")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 256:
        raise NotProved(reason="jti must be a text of 1 to 256 signs")
    expires, issued = ends(claims, now), moment(claims.get("iat"))
    if expires is None:
        raise NotProved(reason="exp must lie ahead, by five minutes at most")
    if issued is None or issued > now + LEEWAY:
        raise NotProved(reason="iat is missing or lies ahead")
    if "nbf" in claims:
        begins = moment(claims["nbf"])
        if begins is None or begins > now + LEEWAY:
            raise NotProved(reason="nbf lies ahead")
    return expires


def peek(token: str) -> tuple[jwts.Part, jwts.Part]:
    """Header and claims before anything is verified. Raises NotProved."""
    parts = jwts.peek(token)
    if parts is None:
        raise NotProved(reason="the bearer token is no signed JWT")
    return parts
