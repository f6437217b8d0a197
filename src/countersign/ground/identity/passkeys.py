"""Passkeys and security keys (WebAuthn): offered, registered and asked for."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from secrets import token_bytes
from typing import Any, Literal, cast

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from countersign.kit.clock import Clock

from .errors import PasskeyRefused, TooManyFactors
from .factors import Enrolled, Factors
from .presence import Proved, Way

PATIENCE = timedelta(minutes=10)
MOST = 10
LONGEST = 64 * 1024
"""Signs of an answer; attestations with certificates stay far below."""

Use = Literal["register", "prove"]


@dataclass(frozen=True, slots=True)
class Party:
    """The address under which this browser came: passkeys belong to its host name alone."""

    origin: str
    host: str
    name: str

    @property
    def possible(self) -> bool:
        """Whether browsers offer passkeys here: not to a number in place of a name."""
        try:
            ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False


class Passkeys:
    """The challenges in the database, so that any process may judge the answer."""

    def __init__(self, factors: Factors, clock: Clock, key: bytes) -> None:
        self._factors = factors
        self._clock = clock
        self._key = key

    def offer(self, holder: bytes, party: Party, person: str, name: str) -> str:
        """What the browser needs to make a passkey, as JSON. Raises TooManyFactors.

        ``holder`` is the hash of the session's token, to which the challenge is bound.
        """
        rows = self._factors.rows(person, "passkey")
        if len(rows) >= MOST:
            raise TooManyFactors(most=MOST)
        options = generate_registration_options(
            rp_id=party.host,
            rp_name=party.name,
            user_id=sha256(f"countersign {person}".encode()).digest(),
            user_name=name,
            challenge=self._challenge(holder, "register"),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=self._known(person),
        )
        return options_to_json(options)

    def register(
        self, holder: bytes, party: Party, person: str, answer: str, label: str, by: str
    ) -> Enrolled:
        """Takes a new passkey. Raises PasskeyRefused; a challenge is good once."""
        challenge = self._taken(holder, "register")
        try:
            made = verify_registration_response(
                credential=_read(answer),
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise PasskeyRefused from problem
        content = {
            "id": bytes_to_base64url(made.credential_id),
            "key": bytes_to_base64url(made.credential_public_key),
            "label": " ".join(label.split())[:60],
        }
        hashed = self._hash(made.credential_id)
        return self._factors.add(person, "passkey", content, made.sign_count, hashed, by)

    def ask(self, holder: bytes, party: Party, person: str) -> str | None:
        """What the browser needs to use one of the person's passkeys; None without any."""
        known = self._known(person)
        if not known or not party.possible:
            return None
        options = generate_authentication_options(
            rp_id=party.host,
            challenge=self._challenge(holder, "prove"),
            allow_credentials=known,
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json(options)

    def proved(self, holder: bytes, party: Party, person: str, answer: str) -> Proved:
        """Judges the answer of a passkey of this person's. Raises PasskeyRefused."""
        challenge = self._taken(holder, "prove")
        try:
            given = parse_authentication_credential_json(_read(answer))
            for row in self._factors.rows(person, "passkey"):
                if not hmac.compare_digest(row["credential_hash"], self._hash(given.raw_id)):
                    continue
                done = verify_authentication_response(
                    credential=given,
                    expected_challenge=challenge,
                    expected_rp_id=party.host,
                    expected_origin=party.origin,
                    credential_public_key=base64url_to_bytes(self._factors.opened(row)["key"]),
                    credential_current_sign_count=row["used"],
                )
                return Proved(Way.PASSKEY, self._factors.used(row["id"], done.new_sign_count))
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise PasskeyRefused from problem
        raise PasskeyRefused

    def _known(self, person: str) -> list[PublicKeyCredentialDescriptor]:
        rows = self._factors.rows(person, "passkey")
        return [
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(self._factors.opened(row)["id"]))
            for row in rows
        ]

    def _challenge(self, holder: bytes, use: Use) -> bytes:
        challenge, now = token_bytes(32), self._clock()
        with self._factors.pool.transaction() as connection:
            connection.execute("delete from identity.challenge where expires_at < %s", (now,))
            connection.execute(
                "insert into identity.challenge values (%s, %s, %s, %s)"
                " on conflict (holder_hash, use) do update"
                " set challenge = excluded.challenge, expires_at = excluded.expires_at",
                (holder, use, challenge, now + PATIENCE),
            )
        return challenge

    def _taken(self, holder: bytes, use: Use) -> bytes:
        """The challenge, which is gone with this look at it."""
        with self._factors.pool.transaction() as connection:
            row = connection.execute(
                "delete from identity.challenge where holder_hash = %s and use = %s returning *",
                (holder, use),
            ).fetchone()
        if row is None or row["expires_at"] < self._clock():
            raise PasskeyRefused
        return row["challenge"]

    def _hash(self, credential: bytes) -> bytes:
        return hmac.digest(self._key, b"passkey\n" + credential, "sha256")


def _read(answer: str) -> dict[str, Any]:
    """The JSON of a browser. Raises PasskeyRefused."""
    if len(answer) > LONGEST:
        raise PasskeyRefused
    try:
        read: Any = json.loads(answer)
    except (ValueError, RecursionError) as problem:
        raise PasskeyRefused from problem
    if not isinstance(read, dict):
        raise PasskeyRefused
    return cast("dict[str, Any]", read)
