"""How much of the chart page's time on the server goes into encryption."""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from benchmarks.fhir_api import bundles
from benchmarks.measured import Measured
from countersign.app.house import House, open_house, register_models
from countersign.app.keeping import told
from countersign.app.rooms import ROOMS
from countersign.app.settings import Settings
from countersign.doors.fhir.importer import import_fhir
from countersign.ground.chart import PatientFilter
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.ground.shell import build_http
from countersign.ground.vault import DataRotation, Resealed, Sealed, Suite, Vault
from countersign.ground.vault.keystore import KeyStore
from countersign.kit.words import Words

PATIENTS, ROUNDS = 60, 2
PASSWORD = "a long enough pass phrase"
INSTALLER = Principal.system("installer")
METHODS = ("open", "prefetch", "seal", "ensure", "blind", "require", "check")


@dataclass
class Clock:
    """Seconds of whole requests, and of those inside the vault, calls within calls once."""

    pages: list[float] = field(default_factory=list[float])
    vault: float = 0.0
    inside: threading.local = field(default_factory=threading.local)

    @property
    def share(self) -> float:
        return self.vault / sum(self.pages)

    @property
    def page_ms(self) -> float:
        return sum(self.pages) / len(self.pages) * 1000


def measure(data: Path | None) -> Measured:
    """One physician opens Synthea charts one after the other in the real application."""
    archive = bundles(data)
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as home:
        settings = Settings(home=Path(home), demonstration=False)
        with open_house(settings, upgrade=True) as house:
            _furnish(house, archive)
            pages = Pages(house)
            pages.visit(Clock(), cold=False)
            cold, warm = (pages.visit(Clock(), cold=cold) for cold in (True, False))
            bare = pages.without_encryption()
            begun = time.perf_counter()
            report = _to_sm4(house)
            seconds = time.perf_counter() - begun
            sm4 = pages.visit(Clock(), cold=True)
    return Measured(
        columns=("chart page", "ms", "of which vault ms", "share"),
        rows=[
            _row("AES-256-GCM, key unwrapped for each page", cold),
            _row("AES-256-GCM, key held", warm),
            _row("SM4-GCM, key unwrapped for each page", sm4),
            _row("peer: the same pages with what was sealed handed through", bare),
        ],
        figures={
            "share": round(cold.share, 4),
            "share_held": round(warm.share, 4),
            "share_sm4": round(sm4.share, 4),
            "page_ms": round(cold.page_ms, 2),
            "peer_page_ms": round(bare.page_ms, 2),
            "pages": len(cold.pages),
            "resealed_per_s": round(report.rows / seconds),
        },
        notes=(
            f"{PATIENTS} charts, {ROUNDS} times each, one request at a time in one process; the "
            "time is that inside the application, without the network",
            "vault time is wall time of every call into the vault: the query for the wrapped key, "
            "unwrapping, decrypting; a page held longer than 60 s pays for the key once",
            f"between AES and SM4 every data key was rotated: {report.rows:,} rows sealed again in "
            f"{seconds:.0f} s, {report.census.stragglers} left behind",
        ),
    )


class Pages:
    """The application as the web process has it, and a signed-in physician."""

    def __init__(self, house: House) -> None:
        self._vault = house.vault
        self._clock = Clock()
        app = build_http(house.floor, ROOMS)

        async def timed(scope: Any, receive: Any, send: Any) -> None:
            begun = time.perf_counter()
            await app(scope, receive, send)
            if scope["type"] == "http" and scope["path"].startswith("/charts/"):
                self._clock.pages.append(time.perf_counter() - begun)

        self._browser = TestClient(timed, base_url="http://127.0.0.1")
        form = self._browser.get("/sign-in").text
        found = re.search(r'name="csrf" value="([^"]+)"', form)
        assert found is not None
        said = {"csrf": found[1], "username": "reader", "password": PASSWORD}
        self._browser.post("/sign-in", data=said)
        reader = house.floor.accounts.sign_in("reader", PASSWORD).principal
        listed = house.floor.chart.reader(reader).patients(PatientFilter(limit=PATIENTS))
        self._names = [one.id for one in listed.patients]
        assert len(self._names) == PATIENTS

    def visit(self, clock: Clock, *, cold: bool) -> Clock:
        """Opens every chart; ``cold`` lets go of the patient's key before each page."""
        self._clock = clock
        with _watched(clock):
            for _ in range(ROUNDS):
                for name in self._names:
                    if cold:
                        self._vault.forget(name)
                    answer = self._browser.get(f"/charts/{name}")
                    assert answer.status_code == 200
        return clock

    def without_encryption(self) -> Clock:
        """The same pages when opening means looking up what the box was made from."""
        known: dict[bytes, bytes] = {}
        real = Vault.open

        def remember(vault: Vault, subject: str, sealed: Sealed, context: str) -> bytes:
            box = bytes(sealed.box[:12])
            if box not in known:
                known[box] = real(vault, subject, sealed, context)
            return known[box]

        def nothing(vault: Vault, subjects: object) -> None:
            return None

        with patch.object(Vault, "open", remember):
            self.visit(Clock(), cold=False)
            with patch.object(Vault, "prefetch", nothing):
                return self.visit(Clock(), cold=False)


@contextmanager
def _watched(clock: Clock) -> Generator[None]:
    """Counts the time inside the vault, of the outermost call alone."""
    real = {name: getattr(Vault, name) for name in METHODS}
    for name, method in real.items():
        setattr(Vault, name, _timed(clock, method))
    try:
        yield
    finally:
        for name, method in real.items():
            setattr(Vault, name, method)


def _timed(clock: Clock, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        if getattr(clock.inside, "busy", False):
            return method(*given, **named)
        clock.inside.busy = True
        begun = time.perf_counter()
        try:
            return method(*given, **named)
        finally:
            clock.vault += time.perf_counter() - begun
            clock.inside.busy = False

    return call


def _furnish(house: House, archive: Path) -> None:
    floor, people = house.floor, house.floor.people
    register_models(house)
    people.department("general-medicine", Words("Medicine", "内科"), by=INSTALLER)
    reader = people.add("Reader", by=INSTALLER)
    people.grant(reader, Role.PHYSICIAN, by=INSTALLER)
    people.join(reader, "general-medicine", by=INSTALLER)
    kind, until = LicenceKind.PHYSICIAN, date(2099, 12, 31)
    people.license(reader, kind, date(2020, 1, 1), until, by=INSTALLER)
    floor.accounts.create("reader", reader, PASSWORD, by=INSTALLER)
    import_fhir(archive, floor.chart, floor.compute, departments=("general-medicine",))


def _to_sm4(house: House) -> Resealed:
    store = house.vault.store
    fresh = KeyStore(store.pool, store.provider, Suite.SM4_GCM)
    batches = told(house.floor.ledger, store.pool, INSTALLER)
    report = DataRotation(fresh, batches, grace=0, rest=lambda seconds: None).run()
    assert report.complete, report.census.lines()
    return report


def _row(name: str, clock: Clock) -> tuple[object, ...]:
    inside = clock.vault / len(clock.pages) * 1000
    return name, clock.page_ms, inside, f"{clock.share:.1%}"
