"""Writes what was signed into the chart: the only way in for what a model proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection, errors
from psycopg.rows import DictRow

from countersign.ground.chart import Limits, Written, commitment, prepare_own
from countersign.ground.chart._write import Stamp, write
from countersign.ground.db import Pool, naming
from countersign.ground.identity import SENSITIVE
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.signoff import Body, Signed
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import JSON

from .compose import compose

PROVENANCE = "Provenance"


@dataclass(frozen=True, slots=True)
class Released:
    """What left the gate: versions of chart resources (``Type/id/_history/n``) and when.

    A correction that leaves a resource as it was writes no new version of it.
    """

    id: str
    draft: str
    versions: tuple[str, ...]
    at: datetime


class Release:
    """Works as the database role SENDER; takes ``Signed`` and nothing else."""

    def __init__(
        self, pool: Pool, ledger: Ledger, vault: Vault, clock: Clock, new_id: NewId
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._clock = clock
        self._new_id = new_id
        self._limits = Limits()

    def release(self, signed: Signed[Body]) -> Released:
        """Writes the resources, their Provenance, the release and its receipt, or nothing.

        Releasing twice gives the first release again. Raises Damaged when the content is
        not what was signed; LedgerUnavailable, DatabaseUnavailable: the release is then
        tried again by itself.
        """
        signed.check()
        draft_id = signed.draft.head.id
        pool = self._pool.within(naming([signed.draft.head.patient]))
        try:
            with self._ledger.unit(pool) as unit:
                done = _earlier(unit.connection, draft_id)
                if done is not None:
                    return done
                release_id, now = self._new_id(), self._clock()
                kinds = [str(one["resourceType"]) for one in signed.draft.body.resources]
                kinds.append(PROVENANCE)
                ids = self._identifiers(unit.connection, draft_id, kinds)
                targets = [f"{kind}/{one}" for kind, one in zip(kinds, ids, strict=True)]
                _insert(unit.connection, release_id, signed, targets, now)
                written = self._write(unit.connection, release_id, signed, ids, now)
                unit.record(_event(release_id, signed, written))
        except errors.UniqueViolation:
            with pool.transaction() as connection:
                done = _earlier(connection, draft_id)
            if done is None:
                raise
            return done
        return Released(release_id, draft_id, _versions(written), now)

    def _write(
        self,
        connection: Connection[DictRow],
        release_id: str,
        signed: Signed[Body],
        ids: Sequence[str],
        now: datetime,
    ) -> list[Written]:
        labels = _labels(connection, signed.draft.head.id)
        resources = compose(signed, ids[:-1], ids[-1], now, labels)
        prepared = prepare_own([_plain(resource) for resource in resources], self._limits)
        author = f"person:{signed.first.signer}"
        return write(connection, self._vault, prepared, Stamp(now, author, "released", release_id))

    def _identifiers(
        self, connection: Connection[DictRow], draft_id: str, kinds: Sequence[str]
    ) -> list[str]:
        """Fresh identifiers; a correction keeps those of what it corrects, in their order."""
        row = connection.execute(
            "select r.targets from signoff.draft d join release.released r"
            " on r.draft_id = d.corrects where d.id = %s",
            (draft_id,),
        ).fetchone()
        known: dict[str, list[str]] = {}
        for target in row["targets"] if row else ():
            kind, _, identifier = target.partition("/")
            known.setdefault(kind, []).append(identifier)
        # A Provenance tells of one release and is never continued.
        known.pop(PROVENANCE, None)
        return [known[kind].pop(0) if known.get(kind) else self._new_id() for kind in kinds]


def _plain(resource: JSON) -> JSON:
    return {name: value for name, value in resource.items() if value not in (None, [], {})}


def _labels(connection: Connection[DictRow], draft_id: str) -> list[str]:
    """The labels by which a draft is closed now, those that its sources got later included."""
    row = connection.execute(
        "select sensitivity from signoff.state where id = %s", (draft_id,)
    ).fetchone()
    return sorted(SENSITIVE.intersection((row and row["sensitivity"]) or ()))


def _earlier(connection: Connection[DictRow], draft_id: str) -> Released | None:
    row = connection.execute(
        "select id, released_at from release.released where draft_id = %s", (draft_id,)
    ).fetchone()
    if row is None:
        return None
    versions = connection.execute(
        "select type, id, version from chart.version where release_id = %s",
        (row["id"],),
    ).fetchall()
    named = sorted(f"{one['type']}/{one['id']}/_history/{one['version']}" for one in versions)
    return Released(row["id"], draft_id, tuple(named), row["released_at"])


def _insert(
    connection: Connection[DictRow],
    release_id: str,
    signed: Signed[Body],
    targets: Sequence[str],
    now: datetime,
) -> None:
    head, second = signed.draft.head, signed.second
    connection.execute(
        "insert into release.released (id, draft_id, risk, patient, signed_sha256, decision,"
        " signature_id, signer_id, second_signature_id, second_ordinal, second_signer_id,"
        " second_decision, targets, released_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            release_id,
            head.id,
            head.risk,
            head.patient,
            signed.signed_sha256,
            signed.first.decision,
            signed.first.id,
            signed.first.signer,
            second.id if second else None,
            second.ordinal if second else None,
            second.signer if second else None,
            second.decision if second else None,
            list(targets),
            now,
        ),
    )


def _versions(written: Sequence[Written]) -> tuple[str, ...]:
    new = [one for one in written if not one.unchanged]
    return tuple(sorted(f"{one.type}/{one.id}/_history/{one.version}" for one in new))


def _event(release_id: str, signed: Signed[Body], written: Sequence[Written]) -> Event:
    head = signed.draft.head
    detail: dict[str, str | int | bool] = {"release": release_id, "resources": len(written)}
    if signed.first.on_behalf_of is not None:
        detail["on_behalf_of"] = f"person:{signed.first.on_behalf_of}"
    versions = commitment((one.type, one.id, one.version, one.sha256) for one in written)
    return Event(
        kind=EventKind.RELEASED,
        actor=f"person:{signed.first.signer}",
        patient=head.patient,
        subject=f"draft:{head.id}",
        model=head.model,
        commits={
            "draft": head.sha256,
            "signed": signed.signed_sha256.hex(),
            "versions": versions,
        },
        detail=detail,
    )
