"""Recomputes the whole tree from the stored events and finds what was changed or lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.kit.clock import stamp
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, decode

from . import merkle
from .cosignature import WitnessKey
from .errors import NoteRefused
from .findings import Finding, FindingKind, Report
from .note import Verifier
from .pruned import Pruned
from .tree import TILE, split

PAGE = 16 * TILE
"""Leaves read at a time; a multiple of a tile."""

LISTED = 1000
"""Findings listed in a report; the others are counted."""

_COLUMNS = ("kind", "actor", "patient", "subject", "model")
_NOWHERE = bytes(32)
_LEAVES = """
select index, leaf.leaf_hash, event.at, event.kind, event.actor, event.patient, event.subject,
    event.model, event.body
from (select * from ledger.leaf where index >= %(low)s and index < %(high)s) as leaf
full join (select * from ledger.event where index >= %(low)s and index < %(high)s) as event
    using (index)
"""
_TILES = """
select index, hashes, root from ledger.tile
where level = %(level)s and index >= %(low)s and index < %(high)s
"""
_STATE = """
select (select size from ledger.head) as head,
    (select coalesce(max(index) + 1, 0) from ledger.leaf) as leaves,
    (select coalesce(max(size), 0) from ledger.checkpoint) as signed
"""
_BEYOND = """
select level, index from ledger.tile
where index >= (select size from ledger.head) >> (8 * (level + 1)) limit 100
"""


def inspect(
    pool: Pool,
    verifier: Verifier,
    known: Sequence[str],
    witnesses: Sequence[WitnessKey] = (),
    second: Verifier | None = None,
) -> Report:
    """Checks every event, leaf, tile and checkpoint, and the ``known`` notes of elsewhere.

    Lines of ``second`` below checkpoints must be good; a checkpoint may lack one.

    Appending goes on meanwhile; what comes later is not looked at. Memory is constant but for
    what was pruned.
    """
    return _Inspection(pool, verifier, known, witnesses, second).run()


class _Inspection:
    def __init__(
        self,
        pool: Pool,
        verifier: Verifier,
        known: Sequence[str],
        witnesses: Sequence[WitnessKey],
        second: Verifier | None,
    ) -> None:
        self._pool = pool
        self._verifier = verifier
        self._second = second
        self._seconds = 0
        self._witnesses = {key.name: key for key in witnesses}
        self._pruned = Pruned(pool)
        self._cosignatures = 0
        self._known: defaultdict[int, list[bytes]] = defaultdict(list)
        for note in known:
            checkpoint = verifier.open(note)
            self._known[checkpoint.size].append(checkpoint.root)
        self._findings: list[Finding] = []
        self._further = 0
        self._events = self._tiles = self._checkpoints = 0
        self._frontier = merkle.Frontier()
        self._rows: list[list[bytes]] = [[] for _ in range(8)]
        self._signed = 0

    def run(self) -> Report:
        state = self._pool.rows(_STATE)[0]
        size = state["leaves"]
        self._signed = state["signed"]
        if state["head"] != size:
            self._find(FindingKind.WRONG_HEAD, state["head"])
        for empty in self._notes(-1, 0).values():
            self._check_note(0, empty)
        for low in range(0, size, PAGE):
            self._check_page(low, min(low + PAGE, size))
        self._check_lost_end(size)
        for tile in self._pool.rows(_BEYOND):
            self._find(FindingKind.WRONG_TILE, f"{tile['level']}/{tile['index']}")
        for finding in self._pruned.findings():
            self._find(finding.kind, finding.place)
        self._check_witnesses()
        return Report(
            size=size,
            root=self._frontier.root(),
            events=self._events,
            tiles=self._tiles,
            checkpoints=self._checkpoints,
            findings=tuple(self._findings),
            further=self._further,
            pruned=self._pruned.count,
            cosignatures=self._cosignatures,
            seconds=self._seconds,
        )

    def _find(self, kind: FindingKind, place: object) -> None:
        if len(self._findings) < LISTED:
            self._findings.append(Finding(kind, str(place)))
        else:
            self._further += 1

    def _check_page(self, low: int, high: int) -> None:
        span = {"low": low, "high": high}
        leaves = {row["index"]: row for row in self._pool.rows(_LEAVES, span)}
        tiles = self._tile_rows(0, low // TILE, high // TILE)
        sizes = self._notes(low, high)
        pruned = self._pruned.page(low, high)
        for index in range(low, high):
            tile = tiles.get(index // TILE)
            slot = index % TILE * 32
            self._check_leaf(
                index,
                leaves.get(index),
                tile["hashes"][slot : slot + 32] if tile else None,
                index in pruned,
            )
            if len(self._rows[0]) == TILE:
                self._check_tile(0, index // TILE, tile)
            if index + 1 in sizes:
                self._check_note(index + 1, sizes[index + 1])

    def _check_leaf(
        self, index: int, row: DictRow | None, tiled: bytes | None, pruned: bool
    ) -> None:
        leaf = row["leaf_hash"] if row else None
        body = row["body"] if row else None
        said = merkle.leaf_hash(body) if body is not None else None
        if row is None or body is None:
            if not pruned:
                self._find(FindingKind.LOST_BODY, index)
        else:
            self._events += 1
            if not _columns_agree(row):
                self._find(FindingKind.CHANGED_COLUMNS, index)
        truth = leaf or tiled or said or _NOWHERE
        if leaf is None:
            self._find(FindingKind.LOST_LEAF, index)
        elif tiled is not None and tiled != leaf:
            if said == leaf:
                self._find(FindingKind.WRONG_TILE, f"0/{index // TILE}")
            else:
                self._find(FindingKind.CHANGED_LEAF, index)
                truth = tiled if said == tiled else leaf
        if said is not None and said != truth:
            self._find(FindingKind.CHANGED_BODY, index)
        self._frontier.append(truth)
        self._rows[0].append(truth)

    def _check_tile(self, level: int, index: int, row: DictRow | None) -> None:
        """Checks a complete tile and, when it completes one, the tile above."""
        hashes = self._rows[level]
        root = merkle.root(hashes)
        self._rows[level] = []
        self._rows[level + 1].append(root)
        if row is not None:
            self._tiles += 1
            if row["root"] != root or (level > 0 and split(row["hashes"]) != hashes):
                self._find(FindingKind.WRONG_TILE, f"{level}/{index}")
        elif (index + 1) * TILE ** (level + 1) <= self._signed:
            self._find(FindingKind.LOST_TILE, f"{level}/{index}")
        if len(self._rows[level + 1]) == TILE:
            above = index // TILE
            found = self._tile_rows(level + 1, above, above + 1)
            self._check_tile(level + 1, above, found.get(above))

    def _tile_rows(self, level: int, low: int, high: int) -> dict[int, DictRow]:
        rows = self._pool.rows(_TILES, {"level": level, "low": low, "high": high})
        return {row["index"]: row for row in rows}

    def _notes(self, low: int, high: int) -> dict[int, DictRow | None]:
        """The checkpoints of more than ``low`` and at most ``high`` leaves, known ones too."""
        rows = self._pool.rows(
            "select size, root, note from ledger.checkpoint where size > %s and size <= %s",
            (low, high),
        )
        found: dict[int, DictRow | None] = {
            size: None for size in self._known if low < size <= high
        }
        return found | {row["size"]: row for row in rows}

    def _check_note(self, size: int, row: DictRow | None) -> None:
        root = self._frontier.root()
        if any(root != known for known in self._known.get(size, ())):
            self._find(FindingKind.OTHER_HISTORY, size)
        if row is None:
            return
        self._checkpoints += 1
        try:
            checkpoint = self._verifier.open(row["note"])
        except NoteRefused:
            self._find(FindingKind.FOREIGN_CHECKPOINT, size)
            return
        if not checkpoint.root == row["root"] == root or checkpoint.size != size:
            self._find(FindingKind.WRONG_CHECKPOINT, size)
        if self._second is not None:
            try:
                self._seconds += self._second.signed(row["note"])
            except NoteRefused:
                self._find(FindingKind.WRONG_SECOND, size)

    def _check_witnesses(self) -> None:
        """Cosignatures under their checkpoints, and what witnesses contradicted."""
        rows = self._pool.rows(
            "select size, witness, line, cosignature.at, note from ledger.cosignature"
            " join ledger.checkpoint using (size) where witness = any(%s) order by size",
            (list(self._witnesses),),
        )
        for row in rows:
            try:
                found = self._witnesses[row["witness"]].find(row["note"] + row["line"])
            except NoteRefused:
                found = None
            if found is None or found.at != row["at"]:
                place = f"{row['size']}, {row['witness']}"
                self._find(FindingKind.WRONG_COSIGNATURE, place)
            self._cosignatures += found is not None
        for row in self._pool.rows(
            "select witness, kind, size, theirs from ledger.disagreement order by number"
        ):
            split = row["kind"] == "split-view"
            kind = FindingKind.SPLIT_VIEW if split else FindingKind.LONGER_ELSEWHERE
            self._find(kind, f"{row['witness']}, {row['theirs']}, {row['size']}")

    def _check_lost_end(self, size: int) -> None:
        """Leaves that were signed, here or elsewhere, and are no longer there."""
        if self._signed > size:
            self._find(FindingKind.LOST_LEAF, f"{size}–{self._signed - 1}")
        for known in sorted(self._known):
            if known > size:
                self._find(FindingKind.OTHER_HISTORY, known)


def _columns_agree(row: DictRow) -> bool:
    try:
        said: JSON = decode(row["body"])
        return said["at"] == stamp(row["at"]) and all(
            said.get(name) == row[name] for name in _COLUMNS
        )
    except (CountersignError, KeyError, TypeError, AttributeError):
        return False
