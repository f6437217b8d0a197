"""The chart page for fifty people who each open one every five seconds."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from benchmarks.fhir_api import bundles, furnished, ids
from benchmarks.installation import Installation, installation
from benchmarks.load import people, request
from benchmarks.measured import Measured

PEOPLE = 50
EVERY = 5.0
SECONDS = 60.0
PASSWORD = "a long enough pass phrase"


def measure(data: Path | None) -> Measured:
    """Latency counts from the moment a page was due, so that a slow server cannot hide it."""
    archive = bundles(data)
    with installation(DEMONSTRATION="no") as house:
        token = furnished(house, archive)
        house.command(
            "add", "person", "reader", "--name", "Reader", "--role", "physician",
            "--department", "general-medicine",
            "--licence", "physician:2020-01-01:2099-12-31", "--password", PASSWORD,
        )  # fmt: skip
        patients = ids(house, token, "Patient?_count=150")
        headers = {"Cookie": _session(house), "Accept": "text/html", "Accept-Language": "en"}
        pages = [request(f"/charts/{one}", headers) for one in patients]

        def page(number: int, visit: int) -> bytes:
            return pages[(number * 13 + visit) % len(pages)]

        people(house.port, page, PEOPLE, EVERY, 10)
        outcome = people(house.port, page, PEOPLE, EVERY, SECONDS)
        memory = house.memory_mb()
    p95 = outcome.percentile(0.95) * 1000
    return Measured(
        columns=("figure", "value"),
        rows=[
            ("pages opened", len(outcome.seconds)),
            ("p50 ms", outcome.percentile(0.5) * 1000),
            ("p95 ms", p95),
            ("p99 ms", outcome.percentile(0.99) * 1000),
            ("failures", outcome.failures),
            ("memory of all server processes, MB", memory),
        ],
        figures={
            "p95_ms": round(p95, 1),
            "rss_mb": round(memory, 1),
            "pages": len(outcome.seconds),
            "failures": outcome.failures,
        },
        notes=[
            f"{PEOPLE} people, a page every {EVERY:.0f} s each, {len(patients)} Synthea charts",
            "memory: proportional set size of web server, worker and supervisor, "
            "without PostgreSQL",
        ],
    )


def _session(house: Installation, person: str = "reader") -> str:
    """The cookie of a signed-in physician."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{house.port}/sign-in"
    form = browser.open(address).read().decode()
    found = re.search(r'name="csrf" value="([^"]+)"', form)
    assert found is not None
    said = {"csrf": found[1], "username": person, "password": PASSWORD}
    browser.open(address, urllib.parse.urlencode(said).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
