"""Looks at a configuration as a careful administrator would, and says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from countersign.ground.db import Database, DbRole, connection_check
from countersign.ground.egress import Egress
from countersign.ground.reasoning import look_at_conditions
from countersign.ground.vault import Vault, take_census
from countersign.kit.errors import CountersignError

from .keeping import keeper
from .secret import installation_secret
from .server import postgres
from .settings import Settings
from .signing import try_device
from .volumes import encrypted

ROOM_LEFT = 2 * 2**30
OLDEST_POSTGRES = 150000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    good: bool
    said: str


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in the order in which problems should be mended."""
    yield _try("Data folder", lambda: _folder(settings))
    yield _try("Keys", lambda: _keys(settings))
    try:
        with postgres(settings) as owner:
            server = _try("PostgreSQL", lambda: _server(owner))
            yield server
            if server.good:
                yield _try("pgvector", lambda: _vector(owner))
                yield _try("Schema", lambda: _schema(owner))
                yield _try("Database roles", lambda: _roles(settings, owner))
                yield _try("Wrapping keys", lambda: _wrapping(settings, owner))
    except (psycopg.Error, OSError) as problem:
        yield Check("PostgreSQL", False, f"it does not start ({type(problem).__name__})")
    if settings.signer_command:
        yield _try("Device that signs", lambda: _device(settings))
    yield _try("Sign-in over TLS", lambda: _tls(settings))
    if settings.conditions_folder is not None:
        yield _try("Common conditions", lambda: _conditions(settings))
    yield _try("Volume of slides", lambda: slides_volume(settings))


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Bad as bad:
        return Check(name, False, str(bad))
    except CountersignError as problem:
        return Check(name, False, problem.sentence())
    except (psycopg.Error, OSError) as problem:
        return Check(name, False, f"{type(problem).__name__}; look at the lines above")


def _conditions(settings: Settings) -> str:
    folder = settings.conditions_folder
    assert folder is not None  # noqa: S101 - asked before
    found, faults = look_at_conditions(folder)
    if found is None or faults:
        said = "; ".join(one.en for one in faults[:3])
        raise Bad(f"{said}: run “countersign conditions check {folder}”")
    return f"version {found.version}, {len(found.conditions)} conditions in {folder}"


class Bad(Exception):
    """A sentence that says what is wrong and what to do."""


def _folder(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < ROOM_LEFT:
        raise Bad(f"only {free // 2**20} MB are free in {settings.home}: make room")
    return f"{settings.home}, {free // 2**30} GB free"


def _keys(settings: Settings) -> str:
    installation_secret(settings.keys)
    if settings.keys.stat().st_mode & 0o077:
        raise Bad(f"others can enter {settings.keys}: run “chmod 700 {settings.keys}”")
    return f"{settings.keys}; back it up apart from the database"


def _server(owner: str) -> str:
    try:
        with psycopg.connect(owner) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError:
        raise Bad(
            "it does not answer: check COUNTERSIGN_DATABASE and that the server runs"
        ) from None
    if version < OLDEST_POSTGRES:
        raise Bad(f"version {version // 10000} is too old: use PostgreSQL 15 or newer")
    return f"version {version // 10000}"


def _vector(owner: str) -> str:
    with psycopg.connect(owner) as connection:
        found = connection.execute(
            "select default_version from pg_available_extensions where name = 'vector'"
        ).fetchone()
    if found is None:
        raise Bad("it is not installed on the server: install pgvector 0.7 or newer")
    return f"version {found[0]} is available"


def _schema(owner: str) -> str:
    present, needed = connection_check.schema(owner)
    if present != needed:
        raise Bad(f"it stands at {present or 'nothing'}: run “countersign migrate”")
    return f"up to date ({present})"


def _roles(settings: Settings, owner: str) -> str:
    refused = connection_check.roles(owner, installation_secret(settings.keys))
    if refused:
        raise Bad(f"{', '.join(refused)} cannot log in: run “countersign migrate”")
    return f"all {len(DbRole)} log in"


def _wrapping(settings: Settings, owner: str) -> str:
    """Asks the key provider for all that the house will ask of it, and looks for what is lost."""
    database = Database(owner, installation_secret(settings.keys))
    egress = Egress(settings.egress)
    try:
        pool = database.pool(DbRole.VAULT)
        vault = Vault(pool, keeper(settings, pool, egress), suite=settings.cipher)
        vault.check()
        provider = vault.store.provider
        version = provider.current_version()
        provider.unwrap(version, provider.wrap(version, bytes(settings.cipher.key_bytes)))
        counted = take_census(pool)
        if counted.lost or counted.undeclared:
            raise Bad("sealed rows without a key or undeclared: run “countersign keys status”")
        return provider.describe()
    finally:
        database.close()
        egress.close()


def _device(settings: Settings) -> str:
    key = try_device(settings)
    if settings.signer_key is None or settings.signer_key.text != key.text:
        raise Bad(f"its key is another one: set COUNTERSIGN_SIGNER_KEY={key.text}")
    return f"{key.algorithm.name}, key {key.key_id.hex()}"


def _tls(settings: Settings) -> str:
    outside = settings.host not in ("127.0.0.1", "localhost", "::1")
    if outside and not settings.secure_cookies:
        raise Bad(
            "others can reach this address without TLS: put a TLS proxy in front and set "
            "COUNTERSIGN_SECURE_COOKIES=yes"
        )
    return "served to this machine only" if not outside else "cookies travel over TLS only"


def slides_volume(settings: Settings) -> str:
    """Slides are kept as they came (decision 0084): their volume is to be encrypted. Raises Bad
    where slides of real patients lie on one that is known not to be."""
    kept = settings.slides
    known = encrypted(kept if kept.exists() else settings.home)
    if known:
        return f"{kept} lies on an encrypted volume"
    if known is None:
        return f"it cannot be told whether {kept} is encrypted: see to it that it is"
    advice = f"put {kept} on an encrypted volume, for slides are kept there as they came"
    if settings.demonstration or not any((kept / "files").glob("*")):
        return advice
    raise Bad(f"it is not encrypted: {advice}")
