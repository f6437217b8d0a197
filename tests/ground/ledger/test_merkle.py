"""Proofs hold for what was appended and for nothing else."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.ledger import merkle
from countersign.ground.ledger.merkle import Node

# The leaves and roots that Certificate Transparency's implementations test themselves with.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES.append("606162636465666768696a6b6c6d6e6f")
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 300)


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def slow_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(slow_root(hashes[:split]), slow_root(hashes[split:]))


def nodes(count: int) -> dict[Node, bytes]:
    layers = merkle.layers(leaves(count), 10)
    return {(level, i): node for level, row in enumerate(layers) for i, node in enumerate(row)}


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert merkle.root(hashes).hex() == ROOTS[size - 1]


@given(st.integers(0, 300))
def test_every_way_to_a_root_gives_the_same(size: int) -> None:
    expected = slow_root(leaves(size))
    assert merkle.root(leaves(size)) == expected
    assert merkle.fold([nodes(size)[node] for node in merkle.root_plan(size)]) == expected


@given(sizes, st.data())
def test_every_inclusion_proof_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.assemble(merkle.inclusion_plan(index, size), nodes(size))
    leaf, root = leaves(size)[index], merkle.root(leaves(size))
    assert merkle.verify_inclusion(leaf, index, size, proof, root)
    assert len(proof) <= (size - 1).bit_length()


@given(sizes, st.data())
def test_every_mutated_inclusion_proof_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.assemble(merkle.inclusion_plan(index, size), nodes(size))
    leaf, root = leaves(size)[index], merkle.root(leaves(size))
    verify = merkle.verify_inclusion
    for mutated in mutations(proof, data):
        assert not verify(leaf, index, size, mutated, root)
    assert not verify(flipped(leaf, data), index, size, proof, root)
    assert not verify(leaf, index, size, proof, flipped(root, data))
    other = data.draw(st.integers(-2, size + 2).filter(lambda value: value != index))
    assert not verify(leaf, other, size, proof, root)


@given(sizes, st.data())
def test_every_consistency_proof_verifies(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    proof = merkle.assemble(merkle.consistency_plan(old, new), nodes(new))
    roots = merkle.root(leaves(old)), merkle.root(leaves(new))
    assert merkle.verify_consistency(old, new, *roots, proof)


@given(sizes, st.data())
def test_every_mutated_consistency_proof_fails(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    proof = merkle.assemble(merkle.consistency_plan(old, new), nodes(new))
    before, after = merkle.root(leaves(old)), merkle.root(leaves(new))
    verify = merkle.verify_consistency
    for mutated in mutations(proof, data):
        assert not verify(old, new, before, after, mutated)
    assert not verify(old, new, flipped(before, data), after, proof)
    assert not verify(old, new, before, flipped(after, data), proof)
    assert not verify(new + 1, new, before, after, proof)


@given(sizes, st.data())
def test_a_rewritten_history_is_never_consistent(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    rewritten = leaves(new)
    changed = data.draw(st.integers(0, old - 1))
    rewritten[changed] = merkle.leaf_hash(b"another")
    layers = merkle.layers(rewritten, 10)
    lies = {(level, i): node for level, row in enumerate(layers) for i, node in enumerate(row)}
    proof = merkle.assemble(merkle.consistency_plan(old, new), lies)
    roots = merkle.root(leaves(old)), merkle.root(rewritten)
    assert not merkle.verify_consistency(old, new, *roots, proof)


def mutations(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """Longer by one, and where there is something to spoil: spoiled and shorter."""
    found = [[*proof, bytes(32)]]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        spoiled = list(proof)
        spoiled[place] = flipped(spoiled[place], data)
        found += [spoiled, proof[:-1], proof[1:]]
    return found


def flipped(raw: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, 255))
    changed = bytearray(raw)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)
