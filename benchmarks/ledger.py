"""Durable leaves a second, what a receipt adds to a page, and proofs checked a second."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import receipt
from benchmarks.measured import Measured
from countersign.ground.ledger import Ledger, merkle

WRITERS = receipt.WRITERS
PROOFS, PROOF_SECONDS = 20_000, 3.0
RUNS = 3


def measure(_data: Path | None) -> Measured:
    """PostgreSQL in a temporary folder with fsync on; the two ways take turns, three times."""
    with receipt.house() as (database, ledger):
        ways = {
            "ledger, group commit": receipt.recording(ledger),
            "one fsynced insert each": receipt.inserting(database),
        }
        waits: dict[str, list[float]] = {name: [] for name in ways}
        flat: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, write in ways.items():
                flat[name].append(receipt.flat_out(write))
                waits[name] += receipt.serve(write)
        proofs = _proofs(ledger)
        report = ledger.verify()
        assert report.sound, report.words.en
    rows = [
        (
            name,
            sorted(flat[name])[RUNS // 2],
            max(flat[name]),
            receipt.part(waits[name], 0.5),
            receipt.part(waits[name], 0.99),
        )
        for name in ways
    ]
    ours, peer = rows
    return Measured(
        columns=("way", f"durable/s, {WRITERS} writers", "best/s", "page p50 ms", "page p99 ms"),
        rows=rows,
        figures={
            "leaves_per_s": round(ours[1]),
            "p99_ms": round(ours[4], 2),
            "proofs_per_s": round(proofs),
            "best_leaves_per_s": round(ours[2]),
            "peer_rows_per_s": round(peer[1]),
            "peer_p99_ms": round(peer[4], 2),
        },
        notes=(
            f"leaves/s: the median of {RUNS} runs of {receipt.FLAT_OUT:.0f} s, threads and "
            "PostgreSQL on the same cores, fsync on; a leaf counts when its writer has the receipt",
            f"page: {receipt.PAGES} threads that encode a chart and rest between pages; the wait "
            "of the writing call alone",
            f"proofs: inclusion in a tree of {report.size:,} leaves, checked one by one in Python "
            "on one core, without the signature of the checkpoint, which they share",
        ),
    )


def _proofs(ledger: Ledger) -> float:
    """Inclusion proofs that are verified a second, each of another leaf."""
    checkpoint = ledger.checkpoint()
    size = checkpoint.size
    indices = [number * size // PROOFS for number in range(PROOFS)]
    proofs = ledger.inclusions(indices, size)
    hashes = {number: ledger.hashes(0, number) for number in {index >> 8 for index in indices}}
    leaves = [hashes[index >> 8][index & 255] for index in indices]
    ready = list(zip(leaves, indices, proofs, strict=True))
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < PROOF_SECONDS:
        for leaf, index, proof in ready:
            assert merkle.verify_inclusion(leaf, index, size, proof, checkpoint.root)
        count += PROOFS
    return count / (time.perf_counter() - started)
