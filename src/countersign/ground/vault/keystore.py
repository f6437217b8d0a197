"""The rows of wrapped data keys: reads them, makes new ones, and turns them into keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .errors import Destroyed, Unreadable
from .keyring import DataKey
from .provider import KeyProvider
from .suites import Suite, cipher

OLD_WRAPPING = "CSV01"
SHREDDED = "CSV03"
"""What the database answers (migration 0009)."""


class KeyStore:
    """Data keys as the database keeps them. ``pool`` logs in as DbRole.VAULT."""

    def __init__(self, pool: Pool, provider: KeyProvider, suite: Suite) -> None:
        self.pool = pool
        self.provider = provider
        self.suite = suite

    def of(self, subjects: Sequence[str]) -> list[tuple[DictRow, DataKey | None]]:
        """Every living key of the subjects, the newest of each first; None does not unwrap."""
        rows = self.pool.rows(
            "select id, subject, version, suite, wrapping_version, wrapped"
            " from vault.data_key where subject = any(%s) and wrapped is not null"
            " order by subject, version desc",
            (list(subjects),),
        )
        return list(zip(rows, self.unwrapped(rows), strict=True))

    def one(self, key_id: int) -> DataKey:
        """Raises Unreadable for a key that is not there, Destroyed for one that was shredded."""
        rows = self.pool.rows(
            "select id, subject, version, suite, wrapping_version, wrapped"
            " from vault.data_key where id = %s",
            (key_id,),
        )
        if not rows:
            raise Unreadable
        if rows[0]["wrapped"] is None:
            self.require([rows[0]["subject"]])
            raise Unreadable
        key = self.unwrapped(rows)[0]
        if key is None:
            raise Unreadable
        return key

    def make(self, subjects: Sequence[str]) -> tuple[str, ...]:
        """First keys; returns the subjects that got one by this call. Raises Destroyed."""
        return self.next_versions([(subject, 1) for subject in subjects])

    def next_versions(self, wanted: Sequence[tuple[str, int]]) -> tuple[str, ...]:
        """New keys for (subject, version), unless another process made them. Raises Destroyed."""
        try:
            return self._insert(wanted)
        except psycopg.Error as problem:
            if problem.sqlstate == OLD_WRAPPING:
                self.provider.refresh()
                return self._insert(wanted)
            if problem.sqlstate == SHREDDED:
                self.require([subject for subject, _ in wanted])
            raise

    def require(self, subjects: Sequence[str]) -> None:
        """Raises Destroyed when the keys of one of the subjects were destroyed on purpose."""
        rows = self.pool.rows(
            "select certificate_id, at from vault.shredded where subject = any(%s) limit 1",
            (list(subjects),),
        )
        if rows:
            at: datetime = rows[0]["at"]
            raise Destroyed(day=at.date().isoformat(), certificate=rows[0]["certificate_id"])

    def unwrapped(self, rows: Sequence[DictRow]) -> list[DataKey | None]:
        """The keys of rows, None where one does not unwrap."""
        raw = self.provider.unwrap_all(
            [(row["wrapping_version"], bytes(row["wrapped"])) for row in rows]
        )
        return [_key(row, key) for row, key in zip(rows, raw, strict=True)]

    def _insert(self, wanted: Sequence[tuple[str, int]]) -> tuple[str, ...]:
        version = self.provider.current_version()
        keys = [secrets.token_bytes(self.suite.key_bytes) for _ in wanted]
        rows = self.pool.rows(
            "insert into vault.data_key (subject, version, suite, wrapping_version, wrapped)"
            " select subject, version, %s, %s, wrapped"
            " from unnest(%s::text[], %s::integer[], %s::bytea[])"
            " as made (subject, version, wrapped)"
            " on conflict (subject, version) do nothing returning subject",
            (
                int(self.suite),
                version,
                [subject for subject, _ in wanted],
                [number for _, number in wanted],
                self.provider.wrap_all(version, keys),
            ),
        )
        return tuple(row["subject"] for row in rows)


def _key(row: DictRow, key: bytes | None) -> DataKey | None:
    if key is None:
        return None
    try:
        made = cipher(row["suite"], key)
    except Unreadable:
        return None
    return DataKey(row["id"], row["subject"], row["version"], row["suite"], made)
