"""FHIR read and search over loopback, with policy, decryption and receipt included."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from benchmarks.installation import Installation, installation
from benchmarks.load import Outcome, request, saturate
from benchmarks.measured import Measured, Unmeasurable

SECONDS = 20.0
CONNECTIONS = 48
SETS = Path(__file__).resolve().parents[2] / "shared" / "data"


def measure(data: Path | None) -> Measured:
    """Imports the Synthea bundles, then reads and searches as another system would."""
    archive = bundles(data)
    with installation(DEMONSTRATION="no") as house:
        token = furnished(house, archive)
        headers = {"Authorization": f"Bearer {token}"}
        patients = ids(house, token, "Patient?_count=100")
        observations = ids(house, token, "Observation?_count=200")
        reads = [request(f"/fhir/Observation/{one}", headers) for one in observations]
        searches = [
            request(f"/fhir/Observation?patient={one}&code=4548-4&_count=20", headers)
            for one in patients
        ]
        bare = [request("/fhir/metadata", {})]
        saturate(house.port, reads, CONNECTIONS, 3)
        read = saturate(house.port, reads, CONNECTIONS, SECONDS)
        search = saturate(house.port, searches, CONNECTIONS, SECONDS)
        static = saturate(house.port, bare, CONNECTIONS, 5)
    return Measured(
        columns=("request", "per second", "p50 ms", "p95 ms", "failures"),
        rows=[
            _row("read, policy, decryption, receipt", read),
            _row("search by patient and code", search),
            _row("peer: the same server's fixed page (metadata)", static),
        ],
        figures={
            "read_per_s": round(read.per_second, 1),
            "search_per_s": round(search.per_second, 1),
            "read_p95_ms": round(read.percentile(0.95) * 1000, 1),
            "search_p95_ms": round(search.percentile(0.95) * 1000, 1),
            "failures": read.failures + search.failures,
        },
        notes=[
            f"{CONNECTIONS} connections; client, server and PostgreSQL share the machine",
            "Medplum publishes about 90 requests/s a core for its mixed load",
        ],
    )


def bundles(data: Path | None) -> Path:
    """The archive of Synthea bundles. Raises Unmeasurable where it is absent."""
    archive = (data or SETS) / "clinical" / "synthea_r4.tar.gz"
    if not archive.is_file():
        raise Unmeasurable(f"{archive} is not here: point DATA= at a folder that has it")
    return archive


def furnished(house: Installation, archive: Path) -> str:
    """A department, the patients in it, and a token that reads them."""
    house.command("add", "department", "general-medicine", "--en", "Medicine", "--zh", "内科")
    house.command("import", "fhir", str(archive), "--department", "general-medicine")
    return house.command(
        "add", "client", "benchmark", "--scope", "system/*.read",
        "--department", "general-medicine",
    ).split()[-1]  # fmt: skip


def ids(house: Installation, token: str, query: str) -> list[str]:
    """The identifiers on the first page of a search."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{house.port}/fhir/{query}",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(asked) as answer:
        return [entry["resource"]["id"] for entry in json.load(answer)["entry"]]


def _row(name: str, outcome: Outcome) -> tuple[object, ...]:
    return (
        name,
        outcome.per_second,
        outcome.percentile(0.5) * 1000,
        outcome.percentile(0.95) * 1000,
        outcome.failures,
    )
