"""What is sealed opens in its own place only, and everybody agrees on the key."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.db import Database, DbRole
from countersign.ground.vault import (
    HOUSE,
    KeysMissing,
    Sealed,
    SealedFileProvider,
    Unreadable,
    Vault,
    WrongKeys,
    open_keys,
)
from countersign.ground.vault.index import BlindIndex

SECRET_TEXT = b"potassium 6.9 mmol/L"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vault") / "keys"


@pytest.fixture(scope="module")
def vault(module_database: Database, keys: Path) -> Iterator[Vault]:
    yield Vault(module_database.pool(DbRole.VAULT), SealedFileProvider(keys))


@given(plaintext=st.binary(max_size=3000), context=st.text(max_size=60), subject=st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_what_was_sealed_opens_again(
    vault: Vault, plaintext: bytes, context: str, subject: int
) -> None:
    sealed = vault.seal(f"patient-{subject}", plaintext, context)
    assert plaintext not in sealed.box or len(plaintext) < 4
    assert vault.open(f"patient-{subject}", sealed, context) == plaintext


@given(data=st.data(), plaintext=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_flipped_bit_is_noticed(vault: Vault, data: st.DataObject, plaintext: bytes) -> None:
    sealed = vault.seal("p", plaintext, "Observation/1/1")
    bit = data.draw(st.integers(0, len(sealed.box) * 8 - 1))
    box = bytearray(sealed.box)
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        vault.open("p", Sealed(sealed.suite, sealed.key_id, bytes(box)), "Observation/1/1")


@given(cut=st.integers(0, 40))
def test_a_cut_box_is_noticed(vault: Vault, cut: int) -> None:
    sealed = vault.seal("p", b"twelve bytes", "c")
    with pytest.raises(Unreadable):
        vault.open("p", Sealed(sealed.suite, sealed.key_id, sealed.box[: 39 - cut]), "c")


def test_another_place_patient_key_or_suite_does_not_open(vault: Vault) -> None:
    vault.ensure(["p", "q"])
    mine, theirs = vault.seal("p", SECRET_TEXT, "Observation/1/1"), vault.seal("q", b"", "x")
    attempts = [
        ("p", mine, "Observation/1/2"),
        ("q", mine, "Observation/1/1"),
        ("p", Sealed(mine.suite, theirs.key_id, mine.box), "Observation/1/1"),
        ("q", Sealed(mine.suite, theirs.key_id, mine.box), "Observation/1/1"),
        ("p", Sealed(2, mine.key_id, mine.box), "Observation/1/1"),
        ("p", Sealed(mine.suite, 10**15, mine.box), "Observation/1/1"),
    ]
    for attempt in attempts:
        with pytest.raises(Unreadable):
            vault.open(*attempt)
    assert vault.open("p", mine, "Observation/1/1") == SECRET_TEXT


def test_the_same_text_never_looks_the_same(vault: Vault) -> None:
    assert len({vault.seal("p", SECRET_TEXT, "c").box for _ in range(100)}) == 100


def test_a_second_vault_opens_what_the_first_sealed(
    vault: Vault, module_database: Database, keys: Path
) -> None:
    sealed = vault.seal("r", SECRET_TEXT, "c")
    other = Vault(module_database.pool(DbRole.VAULT), SealedFileProvider(keys))
    assert other.open("r", sealed, "c") == SECRET_TEXT
    assert other.seal("r", b"", "c").key_id == sealed.key_id


def test_ensure_makes_one_key_for_each_subject_and_says_which(
    vault: Vault, module_database: Database
) -> None:
    assert vault.ensure(["new-1", "new-2", HOUSE, "new-1"]) == ("house", "new-1", "new-2")
    assert vault.ensure(["new-1", "new-3"]) == ("new-3",)
    rows = module_database.pool(DbRole.VAULT).rows(
        "select subject, count(*) as n from vault.data_key where subject like 'new-%%'"
        " group by subject order by subject",
        {},
    )
    assert rows == [{"subject": f"new-{number}", "n": 1} for number in (1, 2, 3)]


def test_few_kept_keys_still_open_everything(module_database: Database, keys: Path) -> None:
    small = Vault(module_database.pool(DbRole.VAULT), SealedFileProvider(keys), kept_keys=3)
    names = [f"many-{number}" for number in range(20)]
    small.ensure(names)
    sealed = {name: small.seal(name, name.encode(), "c") for name in names}
    for name in names + names[::-1]:
        assert small.open(name, sealed[name], "c") == name.encode()
    assert len(small._ring) == 3  # pyright: ignore[reportPrivateUsage]


def test_prefetch_asks_the_database_once(
    vault: Vault, module_database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"list-{number}" for number in range(50)]
    vault.ensure(names)
    sealed = {name: vault.seal(name, b"x", "c") for name in names}
    pool = module_database.pool(DbRole.VAULT)
    other = Vault(pool, SealedFileProvider(keys))
    asked = 0
    ask = pool.rows

    def counting(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return ask(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pool, "rows", counting)
    other.prefetch(names)
    for name in names:
        other.open(name, sealed[name], "c")
    assert asked == 1


def test_older_wrapping_keys_stay_readable(module_database: Database, tmp_path: Path) -> None:
    pool = module_database.pool(DbRole.VAULT)
    with psycopg.connect(module_database.owner_conninfo) as owner:
        owner.execute("delete from vault.data_key")
        owner.execute("alter table vault.key_check disable trigger append_only")
        owner.execute("delete from vault.key_check")
    provider = SealedFileProvider(tmp_path / "k")
    first = Vault(pool, provider)
    before = first.seal("w", SECRET_TEXT, "c")
    running_elsewhere = Vault(pool, SealedFileProvider(tmp_path / "k"))
    assert provider.add_version() == 2
    after = first.seal("later", SECRET_TEXT, "c")
    assert running_elsewhere.open("later", after, "c") == SECRET_TEXT
    assert Vault(pool, SealedFileProvider(tmp_path / "k")).open("w", before, "c") == SECRET_TEXT
    versions = pool.rows("select wrapping_version as v from vault.data_key order by id")
    assert versions == [{"v": 1}, {"v": 2}]


def test_two_processes_agree_on_the_key_of_a_patient(database: Database, tmp_path: Path) -> None:
    SealedFileProvider(tmp_path / "keys")
    program = (
        "import sys, pathlib\n"
        "from countersign.ground.db import DbRole\n"
        "from countersign.ground.db.pools import Pool\n"
        "from countersign.ground.vault import SealedFileProvider, Vault\n"
        "pool = Pool(sys.argv[1], DbRole.VAULT, 2)\n"
        "vault = Vault(pool, SealedFileProvider(pathlib.Path(sys.argv[2])))\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "names = [f'patient-{n}' for n in range(300)]\n"
        "if sys.argv[3] == 'back': names.reverse()\n"
        "vault.ensure(names)\n"
        "print(*sorted(vault.seal(n, b'', '').key_id for n in names)); pool.close()\n"
    )
    arguments = [database.conninfo(DbRole.VAULT), str(tmp_path / "keys")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments, order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for order in ("forth", "back")
    ]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert outputs[0] == outputs[1]
    assert len(set(outputs[0].split())) == 300


def test_a_damaged_key_hides_one_patient_only(database: Database, tmp_path: Path) -> None:
    pool, provider = database.pool(DbRole.VAULT), SealedFileProvider(tmp_path / "keys")
    first = Vault(pool, provider)
    sealed = {name: first.seal(name, b"x", "c") for name in ("a", "b", "c")}
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute(
            "update vault.data_key set wrapped = set_byte(wrapped, 3, 255 - get_byte(wrapped, 3))"
            " where subject = 'b'"
        )
    other = Vault(pool, provider)
    other.prefetch(["a", "b", "c"])
    assert other.open("a", sealed["a"], "c") == other.open("c", sealed["c"], "c") == b"x"
    for forbidden in (lambda: other.open("b", sealed["b"], "c"), lambda: other.seal("b", b"", "c")):
        with pytest.raises(Unreadable):
            forbidden()


def test_other_keys_are_refused_before_anything_is_sealed(
    database: Database, tmp_path: Path
) -> None:
    pool = database.pool(DbRole.VAULT)
    Vault(pool, SealedFileProvider(tmp_path / "right")).ensure([HOUSE])
    wrong = Vault(pool, SealedFileProvider(tmp_path / "wrong"))
    with pytest.raises(WrongKeys, match="right key folder"):
        wrong.seal("new-patient", SECRET_TEXT, "c")
    with pytest.raises(WrongKeys):
        wrong.check()
    with pytest.raises(KeysMissing):
        open_keys(pool, tmp_path / "empty")
    assert pool.rows("select count(*) as n from vault.data_key") == [{"n": 1}]
    assert not (tmp_path / "empty").exists()


def test_another_index_key_is_refused(database: Database, tmp_path: Path) -> None:
    pool = database.pool(DbRole.VAULT)
    Vault(pool, SealedFileProvider(tmp_path / "keys")).ensure([HOUSE])
    (tmp_path / "other").mkdir(mode=0o700)
    SealedFileProvider(tmp_path / "other")
    (tmp_path / "other" / "index.key").rename(tmp_path / "keys" / "index.key")
    with pytest.raises(WrongKeys):
        Vault(pool, SealedFileProvider(tmp_path / "keys")).check()


def test_only_the_vault_reads_keys_and_no_role_changes_them(
    database: Database, tmp_path: Path
) -> None:
    Vault(database.pool(DbRole.VAULT), SealedFileProvider(tmp_path / "keys")).ensure([HOUSE])
    for role in DbRole:
        attempts = ["update vault.data_key set wrapped = ''", "delete from vault.data_key"]
        attempts += ["truncate vault.data_key", "update vault.key_check set value = 1"]
        if role is not DbRole.VAULT:
            attempts += ["select * from vault.data_key", "select * from vault.key_check"]
        for attempt in attempts:
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.pool(role).transaction() as connection,
            ):
                connection.execute(attempt)  # type: ignore[arg-type]


def test_keys_and_plaintexts_are_never_shown(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = SealedFileProvider(tmp_path / "keys")
    vault = Vault(database.pool(DbRole.VAULT), provider)
    sealed = vault.seal("p", SECRET_TEXT, "c")
    key = vault._ring.newest("p")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(Unreadable) as caught:
        vault.open("q", sealed, "c")
    shown = " ".join(map(repr, (provider, vault, sealed, key, caught.value, caught.value.details)))
    shown += caplog.text + str(caught.value)
    for secret in (provider.index_key(), *(key for key, _ in provider._wrapping.values())):  # pyright: ignore[reportPrivateUsage]
        assert secret.hex() not in shown and repr(secret)[2:-1] not in shown
    assert repr(sealed.box)[2:-1] not in shown


def test_the_blind_index_depends_on_field_value_and_key(vault: Vault, tmp_path: Path) -> None:
    number = vault.blind("name", "wang")
    assert number == vault.blind("name", "wang")
    others = [
        vault.blind("family", "wang"),
        vault.blind("name", "Wang"),
        vault.blind("namew", "ang"),
    ]
    other = BlindIndex(SealedFileProvider(tmp_path / "k").index_key())
    assert len({number, *others, other.number("name", "wang")}) == 5


@given(field=st.text(max_size=20), value=st.text(max_size=80))
def test_the_blind_index_is_hmac_and_fits_a_bigint(field: str, value: str) -> None:
    import hmac

    key = bytes(range(32))
    message = f"{len(field)}\0{field}{value}".encode("utf-8", "surrogatepass")
    expected = hmac.digest(key, message, "sha256")[:8]
    number = BlindIndex(key).number(field, value)
    assert number.to_bytes(8, "big", signed=True) == expected
    assert -(2**63) <= number < 2**63
