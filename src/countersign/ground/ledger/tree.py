"""Reads the hashes of complete subtrees from tiles, so that a proof costs a few rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import psycopg

from countersign.ground.db import Pool

from . import merkle
from .errors import LedgerBroken, NotInLedger
from .merkle import Node, Plan

TILE = 256
"""Hashes of one tile: a subtree of height eight."""

_HEIGHT = 8
_Place = tuple[int, int]
"""(level, index) of a tile as in c2sp.org/tlog-tiles."""


class Tree:
    """The tree over the leaves in the database; ``pool`` is of the role LEDGER."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tended = 0

    def size(self) -> int:
        """How many leaves there are."""
        return self._pool.rows("select size from ledger.head")[0]["size"]

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves."""
        plan = merkle.root_plan(size)
        hashes = self._nodes(plan, size)
        return merkle.fold([hashes[node] for node in plan])

    def inclusions(self, indices: Sequence[int], size: int) -> list[list[bytes]]:
        """For each index its inclusion proof in the tree of ``size``; raises NotInLedger."""
        for index in indices:
            if not 0 <= index < size:
                raise NotInLedger(index=index, size=size)
        return self._proofs([merkle.inclusion_plan(index, size) for index in indices], size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes; raises NotInLedger."""
        if not 0 <= old <= new:
            raise NotInLedger(index=old, size=new)
        return self._proofs([merkle.consistency_plan(old, new)], new)[0]

    def hashes(self, level: int, index: int) -> list[bytes]:
        """The hashes of one tile, complete or at the right edge; raises LedgerBroken."""
        if self.size() // TILE > self._tended // TILE:
            self.tend()
        place = (level, index)
        return self._tiles([place]).get(place) or self._partial(place)

    def tend(self) -> None:
        """Writes the tiles that have become complete; raises LedgerBroken if leaves are lost."""
        try:
            self._tended = self._pool.rows("select ledger.tend() as covered")[0]["covered"]
        except psycopg.IntegrityError as problem:
            raise LedgerBroken(reason="leaves or tiles are lost") from problem

    def publish(self, size: int, root: bytes, note: str, at: datetime) -> None:
        """Keeps a checkpoint; the first one of a size stays."""
        with self._pool.transaction() as connection:
            connection.execute("select ledger.publish(%s, %s, %s, %s)", (size, root, note, at))

    def notes(self, sizes: Sequence[int] | None = None) -> dict[int, str]:
        """The kept checkpoints of these sizes, or the newest one alone."""
        if sizes is None:
            rows = self._pool.rows(
                "select size, note from ledger.checkpoint order by size desc limit 1"
            )
        else:
            rows = self._pool.rows(
                "select size, note from ledger.checkpoint where size = any(%s)", (list(sizes),)
            )
        return {row["size"]: row["note"] for row in rows}

    def _proofs(self, plans: Sequence[Plan], size: int) -> list[list[bytes]]:
        wanted = {node for plan in plans for nodes in plan for node in nodes}
        hashes = self._nodes(wanted, size)
        return [merkle.assemble(plan, hashes) for plan in plans]

    def _nodes(self, wanted: Iterable[Node], size: int) -> dict[Node, bytes]:
        if size // TILE > self._tended // TILE:
            self.tend()
        by_tile: defaultdict[_Place, list[Node]] = defaultdict(list)
        for level, index in wanted:
            step = level % _HEIGHT
            by_tile[level // _HEIGHT, index >> (_HEIGHT - step)].append((level, index))
        tiles = self._tiles(list(by_tile))
        found: dict[Node, bytes] = {}
        for place, nodes in by_tile.items():
            hashes = tiles[place] if place in tiles else self._partial(place)
            layers = merkle.layers(hashes, _HEIGHT)
            for level, index in nodes:
                step = level % _HEIGHT
                offset = index - (place[1] << (_HEIGHT - step))
                if offset >= len(layers[step]):
                    raise NotInLedger(index=index << level, size=size)
                found[level, index] = layers[step][offset]
        return found

    def _tiles(self, places: list[_Place]) -> dict[_Place, list[bytes]]:
        rows = self._pool.rows(
            "select level, index, hashes from ledger.tile"
            " join unnest(%s::int[], %s::bigint[]) as wanted (level, index) using (level, index)",
            ([level for level, _ in places], [index for _, index in places]),
        )
        return {(row["level"], row["index"]): split(row["hashes"]) for row in rows}

    def _partial(self, place: _Place) -> list[bytes]:
        """The hashes of the tile at the right edge, which is not complete yet."""
        level, index = place
        span = {"low": index * TILE, "high": (index + 1) * TILE, "below": level - 1}
        if level == 0:
            rows = self._pool.rows(
                "select index, leaf_hash as hash from ledger.leaf"
                " where index >= %(low)s and index < %(high)s order by index",
                span,
            )
        else:
            rows = self._pool.rows(
                "select index, root as hash from ledger.tile where level = %(below)s"
                " and index >= %(low)s and index < %(high)s order by index",
                span,
            )
        if [row["index"] for row in rows] != list(range(index * TILE, index * TILE + len(rows))):
            raise LedgerBroken(reason="leaves or tiles are lost")
        return [row["hash"] for row in rows]


def split(hashes: bytes) -> list[bytes]:
    """The hashes of 32 bytes that lie side by side in a tile."""
    return [hashes[start : start + 32] for start in range(0, len(hashes), 32)]
