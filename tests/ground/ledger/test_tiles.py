"""The tree as files: the layout of the specification, and torn or wrong tiles are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress
from countersign.ground.ledger import Event, Ledger, Tiles, merkle
from countersign.ground.ledger.tiles import Resource, needed, parse
from ground.ledger.known import Owner
from ground.ledger.witnessed import asking


@pytest.fixture
def tiles(ledger: Ledger, database: Database, egress: Egress, viewed: Event) -> Tiles:
    for _ in range(599):
        ledger.record_soon(viewed)
    ledger.record(viewed)
    ledger.checkpoint()
    return Tiles(ledger, database.pool(DbRole.LEDGER), asking(ledger, database, egress))


def test_the_example_of_the_specification() -> None:
    paths = [resource.path for resource in needed(70_000)]
    assert len(paths) == 273 + 1 + 1 + 1 + 1
    assert {"tile/0/000", "tile/0/x000/273.p/112"} & set(paths) == {"tile/0/000"}
    assert "tile/0/273.p/112" in paths and "tile/1/000" in paths
    assert paths[-2:] == ["tile/1/001.p/17", "tile/2/000.p/1"]
    assert [one.path for one in needed(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert Resource(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert list(needed(0)) == []


@settings(deadline=None)
@given(st.integers(0, 63) | st.none(), st.integers(0, 256**5), st.integers(1, 256))
def test_each_path_names_one_resource(level: int | None, index: int, width: int) -> None:
    resource = Resource(level, index, width)
    assert parse(resource.path) == resource


@settings(deadline=None)
@given(st.text("tile/entris0123456789x.p", max_size=30))
def test_no_other_spelling_is_accepted(path: str) -> None:
    resource = parse(f"tile/0/{path}")
    assert resource is None or resource.path == f"tile/0/{path}"


@pytest.mark.parametrize(
    "path",
    ["tile/0/0", "tile/00/000", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256",
     "tile/0/000.p/07", "tile/64/000", "tile/0/../000", "tile/0/000/", "tile/x/000", "checkpoint"],
)  # fmt: skip
def test_a_path_that_is_none(path: str) -> None:
    assert parse(path) is None


def test_anybody_can_rebuild_the_root_from_the_files(tiles: Tiles, tmp_path: Path) -> None:
    assert tiles.export(tmp_path) == 2 + 1 + 1 + 1
    size = 600
    leaves: list[bytes] = []
    for resource in needed(size):
        content = (tmp_path / resource.path).read_bytes()
        assert len(content) == 32 * resource.width
        if resource.level == 0:
            leaves += [content[start : start + 32] for start in range(0, len(content), 32)]
        else:
            assert content == b"".join(merkle.root(leaves[256 * n : 256 * n + 256]) for n in (0, 1))
    checkpoint = tiles._ledger.opened((tmp_path / "checkpoint").read_text())  # pyright: ignore[reportPrivateUsage]
    assert (checkpoint.size, checkpoint.root) == (size, merkle.root(leaves))
    assert not list(tmp_path.rglob("*entries*")) and tiles.compare(tmp_path) == []
    assert tiles.export(tmp_path) == 1, "what is there is not written again"


def test_entries_are_length_prefixed_and_hash_to_their_leaves(tiles: Tiles, tmp_path: Path) -> None:
    tiles.export(tmp_path, entries=True)
    raw = (tmp_path / "tile/entries/002.p/88").read_bytes()
    bodies: list[bytes] = []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        bodies.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    hashes = (tmp_path / "tile/0/002.p/88").read_bytes()
    assert b"".join(map(merkle.leaf_hash, bodies)) == hashes
    assert tiles.compare(tmp_path) == []


@pytest.mark.parametrize("name", ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoint",
                                  "tile/entries/000"])  # fmt: skip
@pytest.mark.parametrize("how", ["torn", "wrong", "gone"])
def test_a_torn_or_wrong_file_is_found(tiles: Tiles, tmp_path: Path, name: str, how: str) -> None:
    tiles.export(tmp_path, entries=True)
    file = tmp_path / name
    content = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-40] if how == "torn" else b"\1" + content[1:])
    expected = [] if (how, name) == ("gone", "tile/entries/000") else [name]
    assert tiles.compare(tmp_path) == expected


def test_a_tile_that_is_not_there_yet_is_not_served(tiles: Tiles) -> None:
    assert tiles.read(Resource(0, 2, 89)) is None and tiles.read(Resource(0, 3)) is None
    assert tiles.read(Resource(1, 0)) is None and tiles.read(Resource(9, 0)) is None
    assert tiles.read(Resource(None, 2, 89)) is None
    whole, part = tiles.read(Resource(0, 0)), tiles.read(Resource(0, 0, 3))
    assert whole is not None and part == whole[:96]


def test_a_torn_tile_in_the_database_is_found_and_named(
    tiles: Tiles, ledger: Ledger, owner: Owner
) -> None:
    owner("update ledger.tile set hashes = overlay(hashes placing '\\x0000' from 8191 for 2)"
          " where index = 1")  # fmt: skip
    (finding,) = {(str(one.kind), one.place) for one in ledger.verify().findings} - {
        ("changed-leaf", "511")
    }
    assert finding == ("wrong-tile", "0/1")
