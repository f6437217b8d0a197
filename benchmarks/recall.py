"""A recall over a million provenance edges, beside opening every sealed explanation to find out."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from benchmarks.measured import Measured
from countersign.ground.db import WHOLE, Database, DbRole, EmbeddedPostgres, migrate
from countersign.ground.signoff.recall import reach
from countersign.ground.vault import Sealed, Vault, open_keys
from countersign.kit.json import decode, encode

EDGES = 1_000_000
PATIENTS = 20_000
MODELS = 20
INPUTS = 3
"""Inputs of a draft; one draft in six of those after the first was given a released answer."""
SEED = 20261125
ROUNDS = 5


def measure(_data: Path | None) -> Measured:
    """Asks as the page asks before a recall; the peer opens what is sealed and walks in Python."""
    with _house() as (owner, database, vault):
        drafts = _fill(owner, vault)
        edges = _count(owner, "select count(*) from signoff.edge")
        steward = database.pool(DbRole.STEWARD).within(WHOLE)
        times, found = _ours(steward, "model:model-0@1")
        everything, all_found = _ours(steward, "model:everywhere@1")
        peer, peer_found = _naive(database, vault, "model:model-0@1")
        assert peer_found == found["drafts"], "both ways find the same drafts"
    return Measured(
        columns=("way", "drafts reached", "releases reached", "median s", "worst s"),
        rows=(
            ("edges, one model of 20", found["drafts"], found["releases"], *_both(times)),
            ("edges, a guideline under every draft", all_found["drafts"], all_found["releases"],
             *_both(everything)),
            ("peer: open every explanation", peer_found, found["releases"], peer, peer),
        ),
        figures={
            "edges": edges,
            "seconds": round(statistics.median(times), 3),
            "worst_s": round(max(times), 3),
            "everything_s": round(statistics.median(everything), 3),
            "peer_s": round(peer, 1),
        },
        notes=(
            f"{drafts:,} drafts of {PATIENTS:,} patients, {MODELS} models, each draft with"
            f" {INPUTS} inputs; released answers become inputs of later drafts",
            "seconds is the median of five with a warm cache; the question alone, without"
            " opening tasks and without the rows of other tables",
            "the peer reads, decrypts and decodes each draft's explanation and follows the"
            " references in memory; its signatures and releases are read as rows",
        ),
    )  # fmt: skip


@contextmanager
def _house() -> Generator[tuple[psycopg.Connection[Any], Database, Vault]]:
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        database = Database(server.conninfo, b"benchmark")
        keys = database.pool(DbRole.VAULT)
        home = Path(folder) / "keys"
        home.mkdir(mode=0o700)
        vault = Vault(keys, open_keys(keys, home))
        with psycopg.connect(server.conninfo, autocommit=True) as owner:
            yield owner, database, vault
        database.close()
        server.stop()


def _fill(owner: psycopg.Connection[Any], vault: Vault) -> int:
    """Edges as the gate writes them, and beside them what a house without edges would have."""
    chance = random.Random(SEED)
    owner.execute(
        "create table public.sealed (draft text, patient text, suite smallint, key_id bigint,"
        " box bytea, version text)"
    )
    owner.execute("grant select on public.sealed to countersign_steward")
    patients = [f"p{number}" for number in range(PATIENTS)]
    vault.ensure(patients)
    released: dict[str, list[str]] = {}
    edges: list[tuple[str, str, str]] = []
    sealed: list[tuple[object, ...]] = []
    number = 0
    while len(edges) < EDGES:
        draft, patient = f"019b0000-0000-7000-8000-{number:012d}", chance.choice(patients)
        inputs = [f"Observation/{patient}-{chance.randrange(40)}/_history/1" for _ in range(INPUTS)]
        if patient in released and chance.random() < 1 / 6:
            inputs[0] = chance.choice(released[patient])
        model = f"model-{chance.randrange(MODELS)}@1"
        rests = [f"model:{model}", "model:everywhere@1", *(f"version:{one}" for one in set(inputs))]
        edges += [(f"draft:{draft}", target, patient) for target in rests]
        version = ""
        if chance.random() < 0.5:
            version = f"DetectedIssue/{draft}/_history/1"
            edges += [
                (f"signature:{draft}", f"draft:{draft}", patient),
                (f"release:{draft}", f"signature:{draft}", patient),
                (f"version:{version}", f"release:{draft}", patient),
            ]
            released.setdefault(patient, []).append(version)
        raw = encode({"model": model, "inputs": inputs, "rationale": "血钾升高。" * 60})
        box = vault.seal(patient, raw, f"draft/{draft}")
        sealed.append((draft, patient, box.suite, box.key_id, box.box, version))
        number += 1
    with owner.cursor() as cursor:
        with cursor.copy("copy signoff.edge (source, target, patient) from stdin") as copy:
            for edge in edges:
                copy.write_row(edge)
        with cursor.copy("copy public.sealed from stdin") as copy:
            for row in sealed:
                copy.write_row(row)
    owner.execute("vacuum analyze signoff.edge")
    return number


def _ours(steward: Any, node: str) -> tuple[list[float], dict[str, int]]:
    times: list[float] = []
    row: dict[str, int] = {}
    for _ in range(ROUNDS):
        started = time.perf_counter()
        row = reach(steward, node)
        times.append(time.perf_counter() - started)
    return times, row


def _naive(database: Database, vault: Vault, node: str) -> tuple[float, int]:
    """Opens every explanation, then follows the references until nothing new is found."""
    started = time.perf_counter()
    rows = database.pool(DbRole.STEWARD).rows("select * from public.sealed")
    vault.prefetch({row["patient"] for row in rows})
    readers: dict[str, list[str]] = {}
    versions: dict[str, str] = {}
    reached: list[str] = []
    for row in rows:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        said = decode(vault.open(row["patient"], box, f"draft/{row['draft']}"))
        versions[row["draft"]] = row["version"]
        for name in said["inputs"]:
            readers.setdefault(name, []).append(row["draft"])
        if f"model:{said['model']}" == node:
            reached.append(row["draft"])
    found: set[str] = set()
    while reached:
        draft = reached.pop()
        if draft not in found:
            found.add(draft)
            reached += readers.get(versions[draft], [])
    return time.perf_counter() - started, len(found)


def _count(owner: psycopg.Connection[Any], query: LiteralString) -> int:
    row = owner.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _both(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), max(times)
