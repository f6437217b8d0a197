"""A card for 300 workstations that each open a patient, beside HealthChain doing nothing."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from benchmarks.fhir_api import ids
from benchmarks.installation import Installation, free_port, running_house
from benchmarks.load import Outcome, people
from benchmarks.measured import Measured
from countersign.app.furnishing import furnish
from countersign.app.house import open_house, register_models
from countersign.app.settings import from_environment

WORKSTATIONS, EVERY = 300, 30.0
PATIENTS = 120
SECONDS, PEER_SECONDS, WARMING = 60.0, 30.0, 15.0
ROUNDS = 2
DEPARTMENTS = ("general-medicine", "cardiology", "nephrology", "endocrinology")
ISSUER, USER = "https://his.bench.internal", "Practitioner/17"
PATH = "/cds-services/countersign-patient-view"
SETTLING = 300.0
"""Seconds that the review of the demonstration's charts may take before the load begins."""

HEALTHCHAIN = "healthchain==0.16.1"
PEER = """
import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models import CDSRequest, CDSResponse, Card
app, cds = HealthChainAPI(), CDSHooksService()
@cds.hook("patient-view", id="nothing")
def nothing(request: CDSRequest) -> CDSResponse:
    return CDSResponse(cards=[Card(summary="Nothing clinical", indicator="info",
                                   source={"label": "peer"}, detail="Nothing.")])
app.register_service(cds)
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="error", access_log=False)
"""
BARE = """
import uvicorn
from fastapi import FastAPI, Request
app = FastAPI()
@app.get("/")
def alive(): return {}
@app.post("/cds/cds-services/nothing")
async def nothing(request: Request):
    await request.json()
    return {"cards": [{"summary": "Nothing", "indicator": "info", "source": {"label": "peer"}}]}
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="error", access_log=False)
"""


@dataclass(frozen=True)
class Caller:
    """A workstation system with its key; signs a token for each call, as the standard asks."""

    port: int
    key: ECKey
    patients: Sequence[dict[str, Any]]

    def calls(self, count: int) -> list[bytes]:
        """So many calls, each with a token of its own and another patient."""
        return [self.call(self.patients[number % len(self.patients)]) for number in range(count)]

    def call(self, patient: dict[str, Any]) -> bytes:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": f"http://127.0.0.1:{self.port}{PATH}",
            "iat": now,
            "exp": now + 290,
            "jti": secrets.token_hex(16),
        }
        token = jwt.encode({"alg": "ES384", "kid": "bench"}, claims, self.key, ["ES384"])
        return post(self.port, PATH, asked(patient), {"Authorization": f"Bearer {token}"})


def measure(_data: Path | None) -> Measured:
    """The demonstration hospital; latency counts from the moment a patient was to be opened."""
    port = str(free_port())
    with running_house(fill, PORT=port) as house, peer() as (peer_name, peer_port):
        caller = connected(house)
        drafts = settled(caller)
        ours, theirs = Outcome(), Outcome()
        run(house.port, caller.calls(int(WORKSTATIONS / EVERY * WARMING) + 1), WARMING)
        there = post(peer_port, "/cds/cds-services/nothing", asked(caller.patients[0]), {})
        for _ in range(ROUNDS):
            calls = caller.calls(int(WORKSTATIONS / EVERY * SECONDS) + WORKSTATIONS)
            add(ours, run(house.port, calls, SECONDS))
            add(theirs, run(peer_port, [there], PEER_SECONDS))
        after = shown(caller)
    p95, p99 = (ours.percentile(share) * 1000 for share in (0.95, 0.99))
    return Measured(
        columns=("service", "calls", "p50 ms", "p95 ms", "p99 ms", "failures"),
        rows=[_row("ours: drafts, receipts, library", ours), _row(f"peer: {peer_name}", theirs)],
        figures={
            "p95_ms": round(p95, 1),
            "p99_ms": round(p99, 1),
            "peer_p95_ms": round(theirs.percentile(0.95) * 1000, 1),
            "calls": len(ours.seconds),
            "failures": ours.failures,
            "cards_a_call": round(drafts.cards / drafts.calls, 2),
            "incomplete_share": round(after.incomplete / after.calls, 3),
        },
        notes=[
            f"{WORKSTATIONS} workstations, a patient every {EVERY:.0f} s each,"
            f" {len(caller.patients)} charts; client, both services and PostgreSQL share the"
            " machine; every call bears a token of its own, is matched to a chart and recorded",
            f"one call for each chart after the load: {after.quoted} of {after.cards} cards quote"
            f" the library, {after.incomplete} of {after.calls} answers name a missing source",
        ],
    )


def fill(environment: dict[str, str]) -> dict[str, str]:
    """The demonstration hospital with so many patients; the worker reviews them later."""
    with open_house(from_environment(environment), upgrade=True) as house:
        register_models(house)
        house.floor.policy.adopt(house.identity)
        furnish(house, lambda done, total: None, PATIENTS)
    return {}


def asked(patient: dict[str, Any]) -> dict[str, Any]:
    """The body of a call, with the patient and no results sent along."""
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": USER, "patientId": patient["id"]},
        "prefetch": {"patient": patient},
    }


def post(port: int, path: str, body: dict[str, Any], headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    content = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        "Accept-Language: en",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def run(port: int, calls: Sequence[bytes], seconds: float) -> Outcome:
    """Each call once, one after the other, as the workstations come to it."""
    numbers = iter(range(10**9))
    return people(
        port, lambda person, visit: calls[next(numbers) % len(calls)], WORKSTATIONS, EVERY, seconds
    )


def add(whole: Outcome, part: Outcome) -> None:
    """Two rounds as one."""
    whole.seconds += part.seconds
    whole.failures += part.failures
    whole.wall += part.wall


def connected(house: Installation) -> Caller:
    """Registers the workstation and its physician; the patients are those of four departments."""
    key = ECKey.generate_key("P-384", {"kid": "bench", "use": "sig"})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as jwks:
        jwks.write(json.dumps(KeySet([key]).as_dict(private=False)))
        jwks.flush()
        places = [word for one in DEPARTMENTS for word in ("--department", one)]
        house.command(
            "add", "workstation", "Ward system", "--issuer", ISSUER, "--jwks", jwks.name,
            "--identifies", "--link", f"{USER}=demo-physician", *places,
        )  # fmt: skip
        scope = ("--scope", "system/Patient.read")
        token = house.command("add", "client", "reader", *scope, *places).split()[-1]
    patients = [read(house, token, one) for one in ids(house, token, "Patient?_count=200")]
    return Caller(house.port, key, [one for one in patients if one.get("identifier")])


def read(house: Installation, token: str, patient: str) -> dict[str, Any]:
    """A Patient as the hospital's system would send it along."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{house.port}/fhir/Patient/{patient}",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@dataclass
class Seen:
    """What one call for each chart brought."""

    calls: int = 0
    cards: int = 0
    quoted: int = 0
    incomplete: int = 0


def shown(caller: Caller) -> Seen:
    """Calls for every chart once, one after the other, and looks at the cards."""
    seen = Seen()
    for patient in caller.patients:
        head, _, body = caller.call(patient).partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        request = urllib.request.Request(
            f"http://127.0.0.1:{caller.port}{PATH}", data=body, headers=headers
        )
        with urllib.request.urlopen(request) as answer:
            cards = json.load(answer)["cards"]
        seen.calls += 1
        seen.cards += sum("uuid" in one for one in cards)
        seen.quoted += sum("From the library" in one["detail"] for one in cards)
        seen.incomplete += any("in time" in one["detail"] for one in cards if "uuid" not in one)
    return seen


def settled(caller: Caller) -> Seen:
    """Waits until the worker has reviewed the charts: two rounds show the same drafts."""
    until, before = time.monotonic() + SETTLING, -1
    while True:
        seen = shown(caller)
        if (seen.cards and seen.cards == before) or time.monotonic() > until:
            return seen
        before = seen.cards
        time.sleep(5)


@contextmanager
def peer() -> Iterator[tuple[str, int]]:
    """HealthChain in an environment of its own; where it cannot be had, a bare FastAPI service."""
    port = free_port()
    python = Path(tempfile.gettempdir()) / "countersign-bench-healthchain" / "bin" / "python"
    name, script = HEALTHCHAIN, PEER
    if not _installed(python):
        name, script, python = "a bare FastAPI service (HealthChain is not to be had)", BARE, None
    command = [str(python or sys.executable), "-c", script.replace("PORT", str(port))]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet)
    try:
        _await(port, process)
        yield name, port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _installed(python: Path) -> bool:
    pip = [str(python), "-m", "pip", "install", "-q", HEALTHCHAIN]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run(pip, check=True, capture_output=True, timeout=400)
        check = [str(python), "-c", "import healthchain.gateway"]
        return subprocess.run(check, capture_output=True, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("the peer does not serve")


def _row(name: str, outcome: Outcome) -> tuple[object, ...]:
    return (
        name,
        len(outcome.seconds),
        *(outcome.percentile(share) * 1000 for share in (0.5, 0.95, 0.99)),
        outcome.failures,
    )
