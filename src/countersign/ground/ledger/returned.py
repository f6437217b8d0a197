"""What a search or a list returned: one commitment in its event, opened for one patient alone.

The event commits to the root of a Merkle tree (RFC 6962) over salted entries. The entries are
kept sealed under that root; an opening shows one entry, its salt and its path, and nothing of
the others.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from countersign.ground.db import Pool
from countersign.ground.vault import HOUSE, Sealed, Unreadable, Vault
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode, encode

from . import merkle

SEED = 16


class NothingKept(CountersignError):
    code = "ledger.returned"
    status = 404
    message = (
        "What this search returned is not kept: it returned nothing, is older than this way of "
        "recording, or its retention has ended."
    )


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One resource that was returned: ``patient`` is its owner or "", ``sha256`` of its bytes."""

    type: str
    id: str
    version: int
    sha256: str
    patient: str

    def line(self) -> bytes:
        """As it is hashed. ``|`` stands in no FHIR identifier."""
        return f"{self.type}|{self.id}|{self.version}|{self.sha256}|{self.patient}".encode()


@dataclass(frozen=True, slots=True)
class Opening:
    """That ``entry`` is the one at ``place`` of ``count`` under the root that an event names."""

    entry: Entry
    salt: bytes
    place: int
    count: int
    path: tuple[bytes, ...]

    def holds(self, root: bytes) -> bool:
        """Recomputes the root from the entry; who has the event needs nothing else."""
        leaf = merkle.leaf_hash(self.salt + self.entry.line())
        return merkle.verify_inclusion(leaf, self.place, self.count, self.path, root)


class Returned:
    """``pool`` is of the role LEDGER; ``seed`` gives 16 fresh random bytes."""

    def __init__(self, pool: Pool, vault: Vault, seed: Callable[[], bytes]) -> None:
        self._pool = pool
        self._vault = vault
        self._seed = seed

    def commit(self, entries: Sequence[Entry]) -> str:
        """The root (hex) for the event, once the sealed entries are durable.

        Call it before the event is recorded. Nothing is kept of an empty list. Raises
        DatabaseUnavailable.
        """
        entries = sorted(entries)
        seed = self._seed()
        root = merkle.root(_leaves(seed, entries))
        if entries:
            raw = encode({"seed": seed.hex(), "entries": [_listed(one) for one in entries]})
            box = self._vault.seal(HOUSE, raw, _place(root))
            with self._pool.transaction() as connection:
                connection.execute(
                    "select ledger.keep_returned(%s, %s::smallint, %s, %s)",
                    (root, box.suite, box.key_id, box.box),
                )
        return root.hex()

    def of_patient(self, root: str, patient: str) -> list[Opening]:
        """Everything of ``patient`` under a root (hex); none when nothing was returned of them.

        Raises NothingKept, Unreadable when what is kept was changed.
        """
        raw = bytes.fromhex(root)
        seed, entries = self._kept(raw)
        leaves = _leaves(seed, entries)
        if merkle.root(leaves) != raw:
            raise Unreadable
        return [
            Opening(entry, _salt(seed, place), place, len(entries), _path(leaves, place))
            for place, entry in enumerate(entries)
            if patient in (entry.patient, entry.id if entry.type == "Patient" else entry.patient)
        ]

    def _kept(self, root: bytes) -> tuple[bytes, list[Entry]]:
        rows = self._pool.rows(
            "select suite, key_id, box from ledger.returned where root = %s", (root,)
        )
        if not rows:
            raise NothingKept
        box = Sealed(rows[0]["suite"], rows[0]["key_id"], rows[0]["box"])
        said = decode(self._vault.open(HOUSE, box, _place(root)))
        return bytes.fromhex(said["seed"]), [Entry(*one) for one in said["entries"]]


def _place(root: bytes) -> str:
    return f"returned/{root.hex()}"


def _listed(entry: Entry) -> list[str | int]:
    return [entry.type, entry.id, entry.version, entry.sha256, entry.patient]


def _salt(seed: bytes, place: int) -> bytes:
    """A salt for each entry, so that an opened one says nothing of its neighbours."""
    return hmac.digest(seed, place.to_bytes(8, "big"), "sha256")[:SEED]


def _leaves(seed: bytes, entries: Sequence[Entry]) -> list[bytes]:
    return [
        merkle.leaf_hash(_salt(seed, place) + entry.line()) for place, entry in enumerate(entries)
    ]


def _path(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    plan = merkle.inclusion_plan(place, len(leaves))
    hashes = {
        (level, index): merkle.root(leaves[index << level : (index + 1) << level])
        for nodes in plan
        for level, index in nodes
    }
    return tuple(merkle.assemble(plan, hashes))
