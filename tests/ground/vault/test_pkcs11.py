"""Keys in a token of SoftHSM, which speaks PKCS#11 as a hardware module does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "87654321"

PROGRAM = """
import sys
from pathlib import Path
from countersign.app.keeping import keeper
from countersign.app.settings import Settings
from countersign.ground.db import Database, DbRole
from countersign.ground.db.pools import Pool
from countersign.ground.egress import Egress
from countersign.ground.vault import *

library, conninfo, home = sys.argv[1:4]
pool = Pool(conninfo, DbRole.VAULT, 2)
settings = Settings(home=Path(home), key_provider="pkcs11", pkcs11_library=library,
    pkcs11_token="countersign", pkcs11_pin_file=Path(home) / "pin")
KEY = bytes(range(32))


def refused(error, work):
    try:
        work()
    except error as problem:
        assert "87654321" not in str(problem) + repr(problem), problem
        return
    raise AssertionError(error)


provider = keeper(settings, pool, Egress(()))
assert provider.current_version() == 1 and "87654321" not in repr(provider) + provider.describe()
vault = Vault(pool, provider)
sealed = vault.seal("p", b"potassium", "c")
assert Vault(pool, provider).open("p", sealed, "c") == b"potassium"
assert len(provider.index_key()) == 32 and provider.index_key() == provider.index_key()
wrapped = provider.wrap(1, KEY)
assert provider.unwrap(1, wrapped) == KEY
for changed in (b"", wrapped[:-1], wrapped[:28], bytes([wrapped[0] ^ 1]) + wrapped[1:],
                wrapped[:-1] + bytes([wrapped[-1] ^ 1])):
    refused(Unreadable, lambda: provider.unwrap(1, changed))
    assert provider.unwrap(1, wrapped) == KEY
refused(KeysMissing, lambda: provider.unwrap(7, wrapped))
assert provider.add_version() == 2
refused(Unreadable, lambda: provider.unwrap(2, wrapped))
assert provider.unwrap_all([(1, wrapped), (1, b"")]) == [KEY, None]
other = keeper(settings, pool, Egress(()))
assert other.unwrap(1, wrapped) == KEY and other.index_key() == provider.index_key()
refused(KeysUnavailable, lambda: Pkcs11Provider(library, "no such token", "87654321"))
refused(KeysUnavailable, lambda: Pkcs11Provider("/no/such/library.so", "countersign", "87654321"))
pool.close()
print("all of it")
"""


def test_a_token_keeps_the_keys(database, tmp_path: Path) -> None:  # noqa: ANN001
    """In a process of its own: the library reads its configuration once in a process."""
    from countersign.ground.db import DbRole

    library = next((one for one in LIBRARIES if Path(one).is_file()), None)
    assert library is not None, "install softhsm2"
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    (tmp_path / "pin").write_text(PIN)
    (tmp_path / "pin").chmod(0o600)
    environment = {"PATH": os.defpath, "SOFTHSM2_CONF": str(configuration)}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "countersign",
         "--so-pin", "12345678", "--pin", PIN],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    done = _run(PROGRAM, library, database.conninfo(DbRole.VAULT), tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "all of it\n"
    (tmp_path / "pin").write_text("11111111")
    done = _run(PROGRAM, library, database.conninfo(DbRole.VAULT), tmp_path, environment)
    assert "KeysUnavailable" in done.stderr and "PinIncorrect" in done.stderr
    assert "11111111" not in done.stderr


def _run(
    program: str, library: str, conninfo: str, home: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, library, conninfo, str(home)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
