"""Whatever proposes has a full card, and a version never changes its content."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventQuery, Ledger, LedgerUnavailable, open_signer
from countersign.ground.models import (
    Dataset,
    IncompleteCard,
    Measured,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Registry,
    Source,
    UnknownModel,
    VersionTaken,
    digest_of,
)
from countersign.kit.clock import utc_now
from countersign.kit.words import Words

DIGEST = "ab" * 32
EVERYBODY = Words("everybody", "所有人")


def a_card(**changes: object) -> ModelCard:
    fields: dict[str, object] = {
        "name": "result-review",
        "version": "1.0",
        "kind": ModelKind.RULES,
        "title": Words("Review of results", "检验结果审阅"),
        "intended_use": Words("Adults in hospital", "住院成人"),
        "not_for": Words("Children", "儿童"),
        "data": (Dataset(Words("None: written rules", "无：人工编写的规则"), "none needed"),),
        "performance": (
            NotMeasured(EVERYBODY, Words("No labelled charts yet", "尚无标注病历")),
            Measured(EVERYBODY, Words("sensitivity", "灵敏度"), "0.91", Words("test", "测试")),
        ),
        "limits": (Words("Knows no symptoms", "不了解症状"),),
        "owner": "Laboratory department",
        "sources": (Source("An invented guideline for this test", "2024-03"),),
    }
    return ModelCard(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        open_signer(tmp_path / "ledger", "test.example/ledger"),
        utc_now,
        checkpoint_every=None,
    )
    yield ledger
    ledger.close()


@pytest.fixture
def registry(database: Database, ledger: Ledger) -> Registry:
    return Registry(database.pool(DbRole.STEWARD), ledger)


def test_a_registered_card_comes_back_as_it_was(registry: Registry) -> None:
    ref = registry.register(a_card(), DIGEST)
    assert ref == ModelRef("result-review", "1.0", DIGEST)
    assert registry.card(ref) == a_card()
    assert [(one.ref, one.card) for one in registry.all()] == [(ref, a_card())]


def test_registering_again_changes_nothing_and_leaves_one_receipt(
    registry: Registry, ledger: Ledger
) -> None:
    for _ in range(3):
        registry.register(a_card(), DIGEST, Principal("adm-1", "A", "person"))
    registry.register(a_card(version="1.1"), "cd" * 32)
    events = ledger.events(EventQuery()).events
    assert [(e.kind, e.actor, e.model, dict(e.commits)) for e in events] == [
        ("model-registered", "system:installer", "result-review@1.1", {"digest": "cd" * 32}),
        ("model-registered", "person:adm-1", "result-review@1.0", {"digest": DIGEST}),
    ]


def test_a_version_keeps_its_digest_and_its_card(registry: Registry, ledger: Ledger) -> None:
    registry.register(a_card(), DIGEST)
    with pytest.raises(VersionTaken, match="another digest.*Raise the version"):
        registry.register(a_card(), "cd" * 32)
    with pytest.raises(VersionTaken, match="another card"):
        registry.register(a_card(limits=(Words("none at all", "毫无限制"),)), DIGEST)
    assert registry.card(ModelRef("result-review", "1.0", DIGEST)) == a_card()
    assert ledger.size() == 1


def test_processes_that_register_at_once_leave_one_row_and_one_receipt(
    registry: Registry, ledger: Ledger
) -> None:
    barrier = threading.Barrier(4)
    refs: list[ModelRef] = []

    def start() -> None:
        barrier.wait()
        refs.append(registry.register(a_card(), DIGEST))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refs) == 4
    assert (len(registry.all()), ledger.size()) == (1, 1)


def test_without_a_receipt_nothing_is_registered(database: Database, registry: Registry) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("alter function ledger.append(bytea[]) rename to append_gone")
    with pytest.raises((LedgerUnavailable, psycopg.Error)):
        registry.register(a_card(), DIGEST)
    assert registry.all() == []


def test_another_digest_is_another_model(registry: Registry) -> None:
    registry.register(a_card(), DIGEST)
    for ref in (
        ModelRef("result-review", "1.0", "cd" * 32),
        ModelRef("result-review", "2.0", DIGEST),
    ):
        with pytest.raises(UnknownModel):
            registry.card(ref)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Result Review"},
        {"name": "result@review"},
        {"version": ""},
        {"version": "1 0"},
        {"data": ()},
        {"data": (Dataset(EVERYBODY, " "),)},
        {"performance": ()},
        {"performance": (Measured(EVERYBODY, EVERYBODY, "", EVERYBODY),)},
        {"limits": ()},
        {"owner": "  "},
        {"sources": ()},
        {"sources": (Source("", "2024"),)},
        {"sources": (Source("A guideline", ""),)},
    ],
    ids=str,
)
def test_a_card_with_a_gap_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(IncompleteCard, match="not complete"):
        a_card(**changes)


def test_words_missing_in_one_language_are_refused() -> None:
    with pytest.raises(ValueError, match="both languages"):
        a_card(not_for=Words("Children", " "))


def test_rows_cannot_be_changed_and_only_the_steward_adds(
    database: Database, registry: Registry
) -> None:
    registry.register(a_card(), DIGEST)
    with (
        psycopg.connect(database.owner_conninfo) as owner,
        pytest.raises(psycopg.DatabaseError, match="append-only"),
    ):
        owner.execute("update models.version set digest = sha256('other')")
    insert = (
        "insert into models.version (name, version, digest, kind, card)"
        " values ('x', '1', sha256('x'), 'rules', '{}')"
    )
    for role in DbRole:
        attempts = ["update models.version set kind = 'x'", "delete from models.version"]
        attempts += [insert] if role is not DbRole.STEWARD else []
        for attempt in attempts:
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.pool(role).transaction() as connection,
            ):
                connection.execute(attempt)  # type: ignore[arg-type]
    for role in (DbRole.ROOM, DbRole.AUDITOR):
        assert len(database.pool(role).rows("select * from models.version")) == 1


class TestDigest:
    @pytest.fixture
    def pack(self, tmp_path: Path) -> Path:
        folder = tmp_path / "pack"
        (folder / "deep").mkdir(parents=True)
        (folder / "a.py").write_text("A = 1\n")
        (folder / "deep" / "b.py").write_text("B = 2\n")
        return folder

    def test_order_and_place_make_no_difference(self, pack: Path, tmp_path: Path) -> None:
        files = [pack / "a.py", pack / "deep" / "b.py"]
        digest = digest_of(files)
        assert (
            digest == digest_of(reversed(files)) == digest_of([pack]) == digest_of([*files, pack])
        )
        assert len(digest) == 64
        pack.rename(tmp_path / "elsewhere")
        assert digest_of([tmp_path / "elsewhere"]) == digest

    def test_every_change_makes_a_difference(self, pack: Path) -> None:
        seen = {digest_of([pack])}
        (pack / "a.py").write_text("A = 2\n")
        seen.add(digest_of([pack]))
        (pack / "a.py").rename(pack / "c.py")
        seen.add(digest_of([pack]))
        (pack / "new.json").write_text("")
        seen.add(digest_of([pack]))
        (pack / "deep" / "b.py").unlink()
        seen.add(digest_of([pack]))
        assert len(seen) == 5

    def test_caches_do_not_count_and_nothing_has_no_digest(self, pack: Path) -> None:
        digest = digest_of([pack])
        (pack / "__pycache__").mkdir()
        (pack / "__pycache__" / "a.pyc").write_bytes(b"x")
        assert digest_of([pack]) == digest
        (pack / "empty").mkdir()
        with pytest.raises(ValueError, match="at least one"):
            digest_of([pack / "empty"])
        with pytest.raises(FileNotFoundError):
            digest_of([pack / "gone.py"])


def test_a_ref_is_named_as_in_the_ledger() -> None:
    assert replace(ModelRef("a", "2", DIGEST), version="3").label == "a@3"
