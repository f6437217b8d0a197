"""Seals and opens what belongs to a patient, and hashes what must be searchable."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from os import urandom
from threading import Lock

from cryptography.exceptions import InvalidTag
from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .errors import KeysMissing, Unreadable, WrongKeys
from .index import BlindIndex
from .keyring import DataKey, Keyring
from .provider import KeyProvider
from .suites import KEY, NONCE, Suite, cipher

HOUSE = "house"
"""The subject of whatever belongs to no patient."""

KEPT_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value; rows store all three columns. ``box`` is nonce, ciphertext and tag."""

    suite: int
    key_id: int
    box: bytes = field(repr=False)


class Vault:
    """Encrypts with one data key for each subject; keys are wrapped by the provider.

    ``pool`` logs in as DbRole.VAULT; the vault commits its keys itself, so that a row
    sealed in another transaction never waits for its key or outlives it. Safe to use
    from many threads.
    """

    def __init__(self, pool: Pool, provider: KeyProvider, kept_keys: int = KEPT_KEYS) -> None:
        self._pool = pool
        self._provider = provider
        self._ring = Keyring(kept_keys)
        self._index = BlindIndex(provider.index_key())
        self._checked = False
        self._checking = Lock()

    def ensure(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """Gives each subject (a patient's id or HOUSE) a data key unless it has one.

        Returns the subjects whose key was made by this call. Any number of processes may
        ask for the same subject: all get the same key. Raises WrongKeys,
        DatabaseUnavailable.
        """
        unknown = self._unknown(subjects)
        known = self._load(unknown)
        lacking = [subject for subject in unknown if subject not in known]
        if not lacking:
            return ()
        self.check()
        made = self._make(lacking)
        self._load(lacking)
        return made

    def prefetch(self, subjects: Iterable[str]) -> None:
        """Unwraps every key of many subjects with one query, before many calls of ``open``."""
        self._load(self._unknown(subjects))

    def seal(self, subject: str, plaintext: bytes, context: str) -> Sealed:
        """Encrypts under the subject's newest key, which is made when it is missing.

        ``context`` names the place of the value, such as "Observation/123/2"; the value
        opens in no other place.
        """
        key = self._ring.newest(subject) or self._sealing(subject)
        # A random nonce is safe for 2^32 values under one key (NIST SP 800-38D, 8.3).
        nonce = urandom(NONCE)
        box = key.cipher.encrypt(nonce, plaintext, _bound(context, key))
        return Sealed(key.suite, key.id, nonce + box)

    def open(self, subject: str, sealed: Sealed, context: str) -> bytes:
        """The plaintext. Raises Unreadable when anything at all differs from what was sealed."""
        key = self._ring.by_id(sealed.key_id) or self._opening(sealed.key_id)
        if key.subject != subject or key.suite != sealed.suite:
            raise Unreadable
        box = sealed.box
        try:
            return key.cipher.decrypt(box[:NONCE], box[NONCE:], _bound(context, key))
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def blind(self, field: str, value: str) -> int:
        """A keyed hash for searching: HMAC-SHA-256, first 64 bits as a signed integer.

        The same value of another field gives another number. Nothing is normalised.
        """
        return self._index.number(field, value)

    def check(self) -> None:
        """Raises WrongKeys when the provider's keys are not those of this database."""
        with self._checking:
            if not self._checked:
                self._compare()
                self._checked = True

    def _compare(self) -> None:
        mark = self._index.number("vault", "key check")
        with self._pool.transaction() as connection:
            ends = connection.execute(_ENDS).fetchall()
            connection.execute(
                "insert into vault.key_check (name, value) values ('index', %s)"
                " on conflict do nothing",
                (mark,),
            )
            known = connection.execute(
                "select value from vault.key_check where name = 'index'"
            ).fetchall()
        try:
            for row in ends:
                self._unwrapped(row)
        except (Unreadable, KeysMissing):
            raise WrongKeys from None
        if known != [{"value": mark}]:
            raise WrongKeys

    def _unknown(self, subjects: Iterable[str]) -> list[str]:
        return sorted({subject for subject in subjects if self._ring.newest(subject) is None})

    def _sealing(self, subject: str) -> DataKey:
        self.ensure((subject,))
        key = self._ring.newest(subject) or self._load([subject])[subject]
        if key is None:
            raise Unreadable
        return key

    def _opening(self, key_id: int) -> DataKey:
        rows = self._pool.rows(
            "select id, subject, version, suite, wrapping_version, wrapped"
            " from vault.data_key where id = %s",
            (key_id,),
        )
        if not rows:
            raise Unreadable
        key = self._unwrapped(rows[0])
        self._ring.hold(key, newest=False)
        return key

    def _load(self, subjects: list[str]) -> dict[str, DataKey | None]:
        """Holds all keys of the subjects and returns the newest of each that has any.

        None stands for a newest key that does not unwrap: one damaged row must not hide
        the other patients, and nothing may be sealed with an older key in its place.
        """
        if not subjects:
            return {}
        rows = self._pool.rows(
            "select id, subject, version, suite, wrapping_version, wrapped"
            " from vault.data_key where subject = any(%s) order by subject, version desc",
            (subjects,),
        )
        found: dict[str, DataKey | None] = {}
        for row in rows:
            try:
                key = self._unwrapped(row)
            except Unreadable:
                found.setdefault(row["subject"], None)
                continue
            self._ring.hold(key, newest=key.subject not in found)
            found.setdefault(key.subject, key)
        return found

    def _make(self, subjects: list[str]) -> tuple[str, ...]:
        version = self._provider.current_version()
        wrapped = [self._provider.wrap(version, secrets.token_bytes(KEY)) for _ in subjects]
        rows = self._pool.rows(
            "insert into vault.data_key (subject, version, suite, wrapping_version, wrapped)"
            " select subject, 1, %s, %s, wrapped"
            " from unnest(%s::text[], %s::bytea[]) as made (subject, wrapped)"
            " on conflict (subject, version) do nothing returning subject",
            (int(Suite.AES_256_GCM), version, subjects, wrapped),
        )
        return tuple(row["subject"] for row in rows)

    def _unwrapped(self, row: DictRow) -> DataKey:
        key = self._provider.unwrap(row["wrapping_version"], row["wrapped"])
        return DataKey(
            row["id"], row["subject"], row["version"], row["suite"], cipher(row["suite"], key)
        )


_ENDS = """
(select id, subject, version, suite, wrapping_version, wrapped
 from vault.data_key order by id limit 1)
union all
(select id, subject, version, suite, wrapping_version, wrapped
 from vault.data_key order by id desc limit 1)
"""


def _bound(context: str, key: DataKey) -> bytes:
    """The associated data; two different triples never give the same bytes."""
    return f"{context}\0{key.suite}\0{key.id}".encode()
