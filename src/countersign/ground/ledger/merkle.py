"""The Merkle tree of RFC 6962: roots, proofs and their verification, without any storage.

A proof is planned first, as the complete subtrees it is made of, so that whoever holds the
hashes can fetch them all at once; ``assemble`` then turns the plan into the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""(level, index): the root of the leaves from ``index << level`` to ``(index + 1) << level``."""

Plan = Sequence[Sequence[Node]]
"""For each hash of a proof, the complete subtrees that it is folded from, left to right."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of falling size, left to right; none is the empty tree."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def layers(hashes: Sequence[bytes], height: int) -> list[list[bytes]]:
    """``hashes`` and the complete nodes of the ``height`` levels above them."""
    result = [list(hashes)]
    for _ in range(height):
        below = result[-1]
        result.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return result


class Frontier:
    """The complete subtrees at the right edge of a growing tree: all that its root needs."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Adds the hash of the next leaf."""
        count = self.size
        while count & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            count >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over everything appended so far."""
        return fold(self._peaks)


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def cover(low: int, high: int) -> list[Node]:
    """The complete subtrees of a range whose ``low`` is where the tree divides."""
    nodes: list[Node] = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


def root_plan(size: int) -> list[Node]:
    """The complete subtrees that the root of ``size`` leaves is folded from."""
    return cover(0, size)


def inclusion_plan(index: int, size: int) -> list[list[Node]]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1; ``0 <= index < size``."""
    plan: list[list[Node]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            plan.append(cover(middle, high))
            high = middle
        else:
            plan.append(cover(low, middle))
            low = middle
    return plan[::-1]


def consistency_plan(old: int, new: int) -> list[list[Node]]:
    """PROOF(old, D[new]) of RFC 6962 §2.1.2; ``0 <= old <= new``."""
    if old in (0, new):
        return []
    plan: list[list[Node]] = []
    low, high = 0, new
    whole = True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            plan.append(cover(middle, high))
            high = middle
        else:
            plan.append(cover(low, middle))
            low = middle
            whole = False
    if not whole:
        plan.append(cover(low, high))
    return plan[::-1]


def assemble(plan: Plan, hashes: Mapping[Node, bytes]) -> list[bytes]:
    """The proof that ``plan`` describes; KeyError if a subtree is missing."""
    return [fold([hashes[node] for node in nodes]) for nodes in plan]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Whether ``leaf`` is at ``index`` of that tree of ``size`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and result == expected


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the newer tree begins with all leaves of the older (RFC 9162 §2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            older = node_hash(sibling, older)
            newer = node_hash(sibling, newer)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            newer = node_hash(newer, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and older == old_root and newer == new_root


def _split(count: int) -> int:
    """The largest power of two smaller than ``count``, which is at least two."""
    return 1 << ((count - 1).bit_length() - 1)
