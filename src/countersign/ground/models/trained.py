"""Keeps what the hospital trains by itself: versions, the frozen sets they are compared on, and
which of them a person put in service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, digest, encode

from .card import ModelCard, ModelRef
from .registry import Registry

MODELS = Facts.house("models")


class UnknownVersion(CountersignError):
    code = "models.unknown_trained"
    status = 404
    message = "There is no such trained version. Choose one from the list."


class FrozenSetChanged(CountersignError):
    code = "models.frozen_set_changed"
    status = 409
    message = (
        "The field {field} of the frozen set is another one, or is labelled otherwise, than when "
        "it was frozen. Versions can only be compared on the same fields: put it back as it was."
    )


class FrozenSetGone(CountersignError):
    code = "models.frozen_set_gone"
    status = 409
    message = (
        "None of the {count} fields of the frozen set is there any more, so that no version can "
        "be compared. Bring their files back; where that cannot be, learn from a folder with "
        "another name in its set.json, of which a new set is frozen."
    )


class UnfitReport(CountersignError):
    code = "models.unfit_report"
    status = 422
    message = (
        "A figure of this version is no number, so that it was not kept: the frozen set may hold "
        "too little of something. Label more fields, and train again."
    )


class PersonNeeded(CountersignError):
    code = "models.person_needed"
    status = 403
    message = "A person who may register models puts a version in service. No program does."


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen set. ``fields`` gives by each field's name what the room says it is: hashes."""

    id: str
    work: str
    source: str
    sha256: str
    at: datetime
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrainedVersion:
    """A version. ``report`` holds counts and shares only: ``new`` its own figures on the frozen
    set, ``now`` those of what was in service then, on the same set, or None. ``frozen_fields`` of
    that set were there to be judged on, ``frozen_gone`` (0 where it does not say) were not."""

    work: str
    ref: ModelRef
    frozen: str
    report: JSON
    actor: str
    at: datetime
    in_service: bool


class Trained:
    """``pool`` logs in as DbRole.ROOM. Safe to share among threads."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        registry: Registry,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._registry = registry
        self._new_id = new_id

    def freeze(
        self, by: Principal, work: str, source: str, chosen: Mapping[str, str]
    ) -> tuple[Frozen, bool]:
        """The frozen set of this work and source, and whether it is new: ``chosen`` (hashes by
        field) becomes it only the first time.

        Raises Forbidden, LedgerUnavailable, DatabaseUnavailable.
        """
        self._policy.require(by, Action.MODELS_REGISTER, MODELS)
        if known := self.frozen(work, source):
            return known, False
        identifier, raw = self._new_id(), encode(dict(sorted(chosen.items())))
        box = self._vault.seal(HOUSE, raw, f"frozen-set/{identifier}")
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into trained.frozen (id, work, source, sha256, fields, actor, suite,"
                " key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                (identifier, work, source, digest(raw), len(chosen), by.actor, *_boxed(box)),
            )
            unit.record(_changed(by, work, "frozen", commits={"frozen": digest(raw).hex()}))
        found = self.frozen(work, source)
        assert found is not None  # noqa: S101 - it was written above, by us or by another
        return found, found.id == identifier

    def keep(
        self, by: Principal, work: str, card: ModelCard, made: bytes, frozen: Frozen, report: JSON
    ) -> ModelRef:
        """Registers a version with its card and keeps what runs. Nothing goes in service by this.

        Raises Forbidden, UnfitReport, VersionTaken, LedgerUnavailable, DatabaseUnavailable; of an
        unfit report nothing is registered.
        """
        self._policy.require(by, Action.MODELS_REGISTER, MODELS)
        try:
            json.dumps(report, allow_nan=False)
        except ValueError:
            raise UnfitReport from None
        ref = self._registry.register(card, sha256(made).hexdigest(), by)
        box = self._vault.seal(HOUSE, made, _place(ref.name, ref.version))
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into trained.version (name, version, work, sha256, frozen_id, report,"
                " actor, suite, key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict do nothing",
                (
                    ref.name,
                    ref.version,
                    work,
                    bytes.fromhex(ref.digest),
                    frozen.id,
                    Jsonb(report),
                    by.actor,
                    *_boxed(box),
                ),
            )
            unit.record(_changed(by, work, "trained", ref, {"frozen": frozen.sha256}))
        return ref

    def all(self) -> list[TrainedVersion]:
        """Every version, by work and the newest first."""
        rows = self._pool.rows(
            "select v.*, coalesce(s.state = 'in-service' and s.name = v.name"
            " and s.version = v.version, false) as serves from trained.version v"
            " left join lateral (select name, version, state from trained.step"
            " where work = v.work order by id desc limit 1) s on true"
            " order by v.work, v.at desc, v.version desc"
        )
        return [_version(row) for row in rows]

    def one(self, name: str, version: str) -> TrainedVersion:
        """Raises UnknownVersion."""
        for found in self.all():
            if (found.ref.name, found.ref.version) == (name, version):
                return found
        raise UnknownVersion

    def in_service(self, work: str) -> ModelRef | None:
        """What answers for this work; None while it is what came with the software."""
        rows = self._pool.rows(
            "select s.state, v.name, v.version, v.sha256 from trained.step s"
            " join trained.version v using (name, version) where s.work = %s"
            " order by s.id desc limit 1",
            (work,),
        )
        if not rows or rows[0]["state"] != "in-service":
            return None
        return ModelRef(rows[0]["name"], rows[0]["version"], bytes(rows[0]["sha256"]).hex())

    def artefact(self, ref: ModelRef) -> bytes:
        """What runs. Raises UnknownVersion, Unreadable."""
        rows = self._pool.rows(
            "select suite, key_id, box from trained.version where name = %s and version = %s",
            (ref.name, ref.version),
        )
        if not rows:
            raise UnknownVersion
        box = Sealed(rows[0]["suite"], rows[0]["key_id"], rows[0]["box"])
        return self._vault.open(HOUSE, box, _place(ref.name, ref.version))

    def put_in_service(self, by: Principal, name: str, version: str) -> None:
        """From now on it answers. Raises Forbidden, PersonNeeded, UnknownVersion."""
        self._move(by, name, version, "in-service")

    def withdraw(self, by: Principal, name: str, version: str) -> None:
        """What came with the software answers again. Raises as ``put_in_service``."""
        self._move(by, name, version, "withdrawn")

    def _move(
        self, by: Principal, name: str, version: str, state: Literal["in-service", "withdrawn"]
    ) -> None:
        self._policy.require(by, Action.MODELS_REGISTER, MODELS)
        if by.kind != "person":
            raise PersonNeeded
        found = self.one(name, version)
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into trained.step (work, name, version, state, actor)"
                " values (%s, %s, %s, %s, %s)",
                (found.work, name, version, state, by.actor),
            )
            unit.record(_changed(by, found.work, state, found.ref))

    def frozen(self, work: str, source: str) -> Frozen | None:
        """What is frozen of this work and source; None before it was. Raises Unreadable."""
        rows = self._pool.rows(
            "select * from trained.frozen where work = %s and source = %s", (work, source)
        )
        if not rows:
            return None
        row = rows[0]
        box = Sealed(row["suite"], row["key_id"], row["box"])
        fields = decode(self._vault.open(HOUSE, box, f"frozen-set/{row['id']}"))
        sha = bytes(row["sha256"]).hex()
        return Frozen(row["id"], row["work"], row["source"], sha, row["at"], fields)


def _place(name: str, version: str) -> str:
    return f"trained/{name}/{version}"


def _boxed(box: Sealed) -> tuple[int, int, bytes]:
    return int(box.suite), box.key_id, box.box


def _version(row: DictRow) -> TrainedVersion:
    return TrainedVersion(
        work=row["work"],
        ref=ModelRef(row["name"], row["version"], bytes(row["sha256"]).hex()),
        frozen=row["frozen_id"],
        report=row["report"],
        actor=row["actor"],
        at=row["at"],
        in_service=row["serves"],
    )


def _changed(
    by: Principal,
    work: str,
    step: str,
    ref: ModelRef | None = None,
    commits: Mapping[str, str] | None = None,
) -> Event:
    return Event(
        EventKind.TRAINED_CHANGED,
        by.actor,
        model=ref.label if ref else None,
        commits=commits or {},
        detail={"work": work, "step": step},
    )


def side_by_side(one: TrainedVersion, other: TrainedVersion | None) -> list[tuple[str, str, str]]:
    """Figure, first, second: of two versions that were judged on the same frozen set with as many
    fields of it gone, else of one and of what was in service when it was made."""
    first: dict[str, float] = one.report["new"] or {}
    second: dict[str, float] = one.report["now"] or {}
    if other is not None and _judged_on(other) == _judged_on(one):
        second = other.report["new"] or {}
    return [
        (name, _number(first.get(name)), _number(second.get(name)))
        for name in sorted({*first, *second})
    ]


def _judged_on(one: TrainedVersion) -> tuple[str, int]:
    return one.frozen, int(one.report.get("frozen_gone", 0))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
