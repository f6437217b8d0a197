"""People and a laboratory at work while processes are killed; remembers what was promised."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx

from benchmarks.installation import Installation
from benchmarks.measured import Unmeasurable
from countersign.app.house import House, open_house
from countersign.app.settings import from_environment
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.kit.words import Words

INSTALLER = Principal.system("installer")
DEPARTMENT = "general-medicine"
PASSWORD = "a long enough pass phrase"
SIGNERS = {
    "physician": (Role.PHYSICIAN, LicenceKind.PHYSICIAN, "accept"),
    "senior": (Role.SENIOR_PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN, "countersign"),
}
HTML = {"accept": "text/html", "accept-language": "en"}
_DRAFT = re.compile(r'href="/inbox/([0-9a-f-]{36})"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Acknowledged:
    """What somebody was told is done. ``signatures`` are (draft, username) pairs."""

    imports: list[str] = field(default_factory=list[str])
    signatures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    views: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


def furnish(environment: dict[str, str]) -> dict[str, str]:
    """A department, two who sign and a laboratory; returns what the load needs to come in."""
    with open_house(from_environment(environment), upgrade=True) as house:
        people = house.floor.people
        people.department(DEPARTMENT, Words("Medicine", "内科"), by=INSTALLER)
        for username, (role, licence, _) in SIGNERS.items():
            _person(house, username, role, licence)
        _person(house, "administrator", Role.ADMINISTRATOR)
        issued = house.floor.clients.issue(
            "laboratory",
            scopes=("system/*.read", "system/*.write"),
            departments=(DEPARTMENT,),
            expires_at=datetime.now(UTC) + timedelta(days=2),
            by=INSTALLER,
        )
    return {"token": issued.token}


def _person(house: House, username: str, role: Role, licence: LicenceKind | None = None) -> None:
    people, today = house.floor.people, datetime.now(UTC).date()
    person = people.add(username, by=INSTALLER)
    people.grant(person, role, by=INSTALLER)
    people.join(person, DEPARTMENT, by=INSTALLER)
    if licence is not None:
        people.license(person, licence, date(2020, 1, 1), today + timedelta(days=400), by=INSTALLER)
    house.floor.accounts.create(username, person, PASSWORD, by=INSTALLER)


class Load:
    """Threads that work without pause; a request that fails is begun anew."""

    def __init__(self, house: Installation) -> None:
        self._base = f"http://127.0.0.1:{house.port}"
        self._token = house.given["token"]
        self._stop = threading.Event()
        self._done: Counter[str] = Counter()
        self._problem: BaseException | None = None
        self.acknowledged = Acknowledged()
        self.failures = 0

    @contextmanager
    def running(self) -> Generator[None]:
        """Everybody works while the block runs."""
        works = [self._import, self._read, *(self._signer(name) for name in SIGNERS)]
        threads = [threading.Thread(target=self._until_stop, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def await_next(self, seconds: float) -> None:
        """Returns at the next answer that promises something. Raises Unmeasurable."""
        before = self._done.total()
        self._await(lambda: self._done.total() > before, seconds)

    def await_all(self, seconds: float) -> None:
        """Returns when every kind of work was done once more. Raises Unmeasurable."""
        before = Counter(self._done)
        wanted = ("import", "view", "accept")
        self._await(lambda: all(self._done[one] > before[one] for one in wanted), seconds)

    def raise_problem(self) -> None:
        """Raises what went wrong in the load itself."""
        if self._problem is not None:
            raise self._problem

    def _await(self, holds: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not holds():
            self.raise_problem()
            if time.monotonic() > until:
                raise Unmeasurable(f"nothing was answered within {seconds:.0f} s")
            time.sleep(0.02)

    def _until_stop(self, work: Callable[[httpx.Client], None]) -> None:
        try:
            with httpx.Client(base_url=self._base, timeout=10, headers=HTML) as client:
                while not self._stop.is_set():  # a browser that was cut off keeps its cookies
                    try:
                        work(client)
                    except (httpx.HTTPError, ConnectionError):
                        self.failures += 1
                        self._stop.wait(0.05)
        except BaseException as problem:  # noqa: BLE001 - told to whoever waits
            self._problem = problem

    def _import(self, client: httpx.Client) -> None:
        patient = str(uuid4())
        answer = client.post(
            "/fhir/",
            json=bundle(patient),
            headers={"authorization": f"Bearer {self._token}", "accept": "application/json",
                     "content-type": "application/fhir+json"},
        )  # fmt: skip
        self._took("import", answer, 200)
        if answer.status_code == 200:
            entry = answer.json()["entry"][0]["response"]["location"]
            self.acknowledged.imports.append(entry.split("Patient/")[1].split("/")[0])
        self._stop.wait(0.15)

    def _read(self, client: httpx.Client) -> None:
        sign_in(client, "physician")
        imports = self.acknowledged.imports
        if not imports:
            self._stop.wait(0.1)
            return
        patient = imports[-1 - self._done["view"] % min(len(imports), 20)]
        answer = client.get(f"/charts/{patient}")
        self._took("view", answer, 200)
        if answer.status_code == 200:
            self.acknowledged.views[patient, "physician"] += 1

    def _signer(self, username: str) -> Callable[[httpx.Client], None]:
        choice = SIGNERS[username][2]
        decided: set[str] = set()

        def sign(client: httpx.Client) -> None:
            sign_in(client, username)
            listing = client.get("/inbox")
            waiting = [one for one in _DRAFT.findall(listing.text) if one not in decided]
            if not waiting:
                self._stop.wait(0.1)
            for draft in dict.fromkeys(waiting[:5]):
                page = client.get(f"/inbox/{draft}")
                form = _CSRF.search(page.text)
                if page.status_code == 200 and form and f'value="{choice}"' in page.text:
                    answer = client.post(
                        f"/inbox/{draft}/decision", data={"csrf": form[1], "choice": choice}
                    )
                    self._took(choice, answer, 303, 409)
                    if answer.status_code == 303:
                        self.acknowledged.signatures.append((draft, username))
                if page.status_code == 200:
                    decided.add(draft)

        return sign

    def _took(self, what: str, answer: httpx.Response, *wanted: int) -> None:
        if answer.status_code in wanted:
            self._done[what] += 1
        else:
            self.failures += 1
            self._stop.wait(0.05)


def sign_in(client: httpx.Client, username: str) -> None:
    """By the form, unless this browser is signed in already."""
    if any(cookie.name.endswith("session") for cookie in client.cookies.jar):
        return
    said = {"csrf": form_token(client.get("/sign-in")), "username": username, "password": PASSWORD}
    client.post("/sign-in", data=said)


def form_token(page: httpx.Response) -> str:
    """What a page's forms carry, "" where it has none."""
    found = _CSRF.search(page.text)
    return found[1] if found else ""


def drafts_on(page: httpx.Response) -> list[str]:
    """The drafts that a page leads to."""
    return _DRAFT.findall(page.text)


def bundle(patient: str) -> dict[str, object]:
    """A patient with a potassium that must be acted on."""
    person, result = f"urn:uuid:{patient}", f"urn:uuid:{uuid4()}"
    resources: list[tuple[str, dict[str, object]]] = [
        (person, {"resourceType": "Patient", "gender": "female", "birthDate": "1961-05-04",
                  "name": [{"text": "Invented"}],
                  "identifier": [{"system": "urn:load", "value": patient}]}),
        (result, {"resourceType": "Observation", "status": "final",
                  "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}],
                           "text": "Potassium"},
                  "subject": {"reference": person},
                  "effectiveDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
                  "valueQuantity": {"value": 7.1, "unit": "mmol/L", "code": "mmol/L",
                                    "system": "http://unitsofmeasure.org"}}),
    ]  # fmt: skip
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": one,
             "request": {"method": "POST", "url": str(one["resourceType"])}}
            for url, one in resources
        ],
    }  # fmt: skip
