"""Debian's PostgreSQL by its address, over TLS and with passwords: the main paths run."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.installation import free_port
from benchmarks.killed_load import PASSWORD, bundle, furnish
from countersign.app.cli import main
from countersign.app.house import open_house, register_models
from countersign.app.settings import from_environment
from countersign.app.worker import handlers
from countersign.ground.jobs import JobContext
from countersign.rooms.inbox.service import Decision, Inbox

OWNER = "a password of the tests"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of its own on loopback: TLS is demanded, and a password of everyone."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert programs, "install postgresql-15 (apt-get install postgresql)"
    with tempfile.TemporaryDirectory(prefix="countersign-own-") as folder:
        home, port = Path(folder) / "data", free_port()
        user = "postgres" if os.geteuid() == 0 else None
        secret = Path(folder) / "password"
        secret.write_text(OWNER)
        if user:
            account = pwd.getpwnam(user)
            for path in (Path(folder), secret):
                os.chown(path, account.pw_uid, account.pw_gid)

        def server(program: str, *words: str) -> None:
            command = [str(programs[-1] / program), *words]
            subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

        server("initdb", "-D", str(home), "-U", "postgres", "-A", "scram-sha-256",
               "--pwfile", str(secret), "-E", "UTF8")  # fmt: skip
        _certificate(home, user)
        (home / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        with (home / "postgresql.conf").open("a") as lines:
            lines.write(f"ssl = on\nport = {port}\nlisten_addresses = '127.0.0.1'\n")
            lines.write(f"unix_socket_directories = '{folder}'\nfsync = off\n")
        server("pg_ctl", "-w", "-D", str(home), "-l", f"{folder}/log", "start")
        try:
            owner = f"postgresql://postgres:{OWNER.replace(' ', '%20')}@127.0.0.1:{port}"
            with psycopg.connect(f"{owner}/postgres?sslmode=require", autocommit=True) as server_:
                server_.execute("create role countersign_owner login superuser password 'own er'")
                server_.execute("create database hospital owner countersign_owner")
            yield (
                f"postgresql://countersign_owner:own%20er@127.0.0.1:{port}/hospital"
                f"?sslmode=verify-full&sslrootcert={home}/../root.crt"
            )
        finally:
            server("pg_ctl", "-w", "-m", "immediate", "-D", str(home), "stop")


def _certificate(home: Path, user: str | None) -> None:
    """Of the server, signed by itself, for its address."""
    from ipaddress import ip_address

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (home / "server.crt").write_bytes(pem)
    (home / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (home / "server.key").chmod(0o600)
    (home.parent / "root.crt").write_bytes(pem)
    (home.parent / "root.crt").chmod(0o644)
    if user:
        shutil.chown(home / "server.key", user)
        home.parent.chmod(0o755)


@pytest.fixture(scope="module")
def variables(address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("own")
    return {
        "COUNTERSIGN_HOME": str(home),
        "COUNTERSIGN_DATABASE": address,
        "COUNTERSIGN_DEMONSTRATION": "no",
    }


def _type(variables: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=variables)


def test_migrate_import_sign_and_verify(variables: dict[str, str], tmp_path: Path) -> None:
    migrated = _type(variables, "migrate")
    assert migrated.exit_code == 0, migrated.output
    furnish(variables)
    file = tmp_path / "one.json"
    file.write_text(json.dumps(bundle("own")), encoding="utf-8")
    imported = _type(variables, "import", "fhir", str(file))
    assert imported.exit_code == 0, imported.output
    assert "1 files, 2 resources" in imported.output
    with open_house(from_environment(variables)) as house:
        register_models(house)
        house.floor.policy.adopt(house.identity)
        (job,) = [one for one in house.floor.jobs.recent() if one.task == "workstation.review"]
        handlers(house)[job.task](JobContext(job.id, job.task), job.args)
        session = house.floor.accounts.sign_in("physician", PASSWORD)
        opened = house.floor.accounts.principal_for(session.token)
        assert opened is not None
        listing = house.floor.signoff.waiting.listing(opened.principal)
        draft = listing.items[0].head.id
        house.floor.signoff.reading.open(opened.principal, draft)
        inbox = Inbox(house.floor.signoff, house.floor.release)
        inbox.decide(opened.principal, draft, Decision("accept", "en"))
        assert house.floor.signoff.reading.open(opened.principal, draft).state == "released"
    verified = _type(variables, "ledger", "verify")
    assert verified.exit_code == 0, verified.output
    assert "The ledger is sound" in verified.output


def test_the_connection_is_encrypted_and_its_server_known(address: str) -> None:
    with psycopg.connect(address) as owner:
        row = owner.execute(
            "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
        ).fetchone()
    assert row is not None and row[0] is True and row[1].startswith("TLSv1.")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address.partition("?")[0] + "?sslmode=disable")


def test_doctor_says_how_it_stands(variables: dict[str, str], address: str) -> None:
    done = _type(variables, "doctor")
    with psycopg.connect(address) as owner:
        there = owner.execute(
            "select 1 from pg_available_extensions where name = 'vector'"
        ).fetchone()
    assert "✓ PostgreSQL: version 1" in done.output, done.output
    assert "✓ Schema" in done.output and "✓ Database roles" in done.output
    assert ("✓ pgvector" if there else "✗ pgvector") in done.output
    assert (done.exit_code == 0) is (there is not None)
