"""Seals and opens what belongs to a patient, and hashes what must be searchable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from os import urandom
from threading import Lock
from time import monotonic

from cryptography.exceptions import InvalidTag

from countersign.ground.db import Pool

from .errors import KeysMissing, Unreadable, WrongKeys
from .index import BlindIndex
from .keyring import KEPT_SECONDS, DataKey, Keyring, Seconds
from .keystore import KeyStore
from .provider import KeyProvider
from .suites import NONCE, Suite

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
    sealed in another transaction never waits for its key or outlives it. ``suite`` is that
    of new keys; every suite opens. A key is held for ``kept_seconds`` at most, so that what
    happens to keys elsewhere is known here by then. Safe to use from many threads.
    """

    def __init__(
        self,
        pool: Pool,
        provider: KeyProvider,
        kept_keys: int = KEPT_KEYS,
        *,
        suite: Suite = Suite.AES_256_GCM,
        kept_seconds: float = KEPT_SECONDS,
        now: Seconds = monotonic,
    ) -> None:
        self.store = KeyStore(pool, provider, suite)
        self._ring = Keyring(kept_keys, kept_seconds, now)
        self._found: tuple[BlindIndex, Suite] | None = None
        self._checked = False
        self._checking = Lock()

    def ensure(self, subjects: Iterable[str]) -> tuple[str, ...]:
        """Gives each subject (a patient's id or HOUSE) a data key unless it has one.

        Returns the subjects whose key was made by this call. Any number of processes may
        ask for the same subject: all get the same key. Raises WrongKeys, Destroyed,
        DatabaseUnavailable.
        """
        unknown = self._unknown(subjects)
        known = self._load(unknown)
        lacking = [subject for subject in unknown if subject not in known]
        if not lacking:
            return ()
        self.check()
        made = self.store.make(lacking)
        self._load(lacking)
        return made

    def prefetch(self, subjects: Iterable[str]) -> None:
        """Unwraps every key of many subjects with one query, before many calls of ``open``."""
        self._load(self._unknown(subjects))

    def seal(self, subject: str, plaintext: bytes, context: str) -> Sealed:
        """Encrypts under the subject's newest key, which is made when it is missing.

        ``context`` names the place of the value, such as "Observation/123/2"; the value
        opens in no other place. Raises Destroyed for a subject whose keys were destroyed.
        """
        key = self._ring.newest(subject) or self._sealing(subject)
        # A random nonce is safe for 2^32 values under one key (NIST SP 800-38D, 8.3).
        nonce = urandom(NONCE)
        box = key.cipher.encrypt(nonce, plaintext, bound(context, key))
        return Sealed(key.suite, key.id, nonce + box)

    def open(self, subject: str, sealed: Sealed, context: str) -> bytes:
        """The plaintext. Raises Unreadable when anything at all differs from what was sealed.

        Raises Destroyed where the subject's keys were destroyed on purpose.
        """
        key = self._ring.by_id(sealed.key_id) or self._opening(sealed.key_id)
        if key.subject != subject or key.suite != sealed.suite:
            raise Unreadable
        return opened(key, sealed.box, context)

    def require(self, subject: str) -> None:
        """Raises Destroyed where the subject's keys were destroyed on purpose."""
        self.store.require([subject])

    def forget(self, subject: str) -> None:
        """Lets go of a subject's keys in this process at once."""
        self._ring.forget(subject)

    def blind(self, field: str, value: str) -> int:
        """A keyed hash for searching: HMAC, first 64 bits as a signed integer.

        The hash is SHA-256, or SM3 in a database that was begun with SM4; it never changes
        for a database. The same value of another field gives another number. Nothing is
        normalised. Raises WrongKeys.
        """
        return (self._found or self._identified())[0].number(field, value)

    def index_suite(self) -> Suite:
        """The suite whose hash the search index of this database uses. Raises WrongKeys."""
        return (self._found or self._identified())[1]

    def check(self) -> None:
        """Raises WrongKeys when the provider's keys are not those of this database."""
        with self._checking:
            if self._checked:
                return
            rows = self.store.pool.rows(_ENDS)
            try:
                fits = all(self.store.unwrapped(rows))
            except KeysMissing:
                fits = False
            if not fits:
                raise WrongKeys
            self._identified()
            self._checked = True

    def _identified(self) -> tuple[BlindIndex, Suite]:
        """The index by which this database is searched; the first to ask writes it down."""
        key = self.store.provider.index_key()
        marks = {suite: BlindIndex(key, suite).number("vault", "key check") for suite in Suite}
        rows = self.store.pool.rows("select value from vault.key_check where name = 'index'")
        if not rows:
            self.store.pool.rows(
                "insert into vault.key_check (name, value) values ('index', %s)"
                " on conflict do nothing returning value",
                (marks[self.store.suite],),
            )
            rows = self.store.pool.rows("select value from vault.key_check where name = 'index'")
        for suite, mark in marks.items():
            if rows[0]["value"] == mark:
                self._found = BlindIndex(key, suite), suite
                return self._found
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
        key = self.store.one(key_id)
        self._ring.hold(key, newest=False)
        return key

    def _load(self, subjects: list[str]) -> dict[str, DataKey | None]:
        """Holds all keys of the subjects and returns the newest of each that has any.

        None stands for a newest key that does not unwrap: one damaged row must not hide
        the other patients, and nothing may be sealed with an older key in its place.
        """
        if not subjects:
            return {}
        found: dict[str, DataKey | None] = {}
        for row, key in self.store.of(subjects):
            if key is not None:
                self._ring.hold(key, newest=row["subject"] not in found)
            found.setdefault(row["subject"], key)
        return found


_ENDS = """
(select id, subject, version, suite, wrapping_version, wrapped
 from vault.data_key where wrapped is not null order by id limit 1)
union all
(select id, subject, version, suite, wrapping_version, wrapped
 from vault.data_key where wrapped is not null order by id desc limit 1)
"""


def bound(context: str, key: DataKey) -> bytes:
    """The associated data; two different triples never give the same bytes."""
    return f"{context}\0{key.suite}\0{key.id}".encode()


def opened(key: DataKey, box: bytes, context: str) -> bytes:
    """What a box holds. Raises Unreadable."""
    try:
        return key.cipher.decrypt(box[:NONCE], box[NONCE:], bound(context, key))
    except (InvalidTag, ValueError):
        raise Unreadable from None
