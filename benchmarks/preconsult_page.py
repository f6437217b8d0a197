"""Opens the patient's page on a simulated slow phone, and measures until it can be used."""

from __future__ import annotations

import re
import shutil
import statistics
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from benchmarks.installation import Installation, installation
from benchmarks.measured import Measured, Unmeasurable

PASSWORD = "a long enough pass phrase"
TIMES = 3
NETWORKS = {
    "slow 4G": (150, 1_638_400, 4),
    "regular 3G": (300, 750_000, 6),
    "slow 3G": (400, 400_000, 6),
}
"""Round trip in ms, bits a second down, and how many times slower the processor is; the first
is what Lighthouse calls a slow 4G phone, which the figure is of."""

BUNDLE = """{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource":
{"resourceType": "Patient", "id": "invented", "gender": "female", "birthDate": "1980-01-01",
"name": [{"text": "Invented"}]}, "request": {"method": "PUT", "url": "Patient/invented"}}]}"""


def measure(data: Path | None) -> Measured:
    """From the first byte asked for to the loaded page; the staff's page beside it."""
    del data
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        raise Unmeasurable("There is no Chromium here. Install it to simulate a phone.")
    with installation(DEMONSTRATION="no") as house:
        link = invited(house)
        rows: list[tuple[object, ...]] = []
        figures: dict[str, float] = {}
        for name, network in NETWORKS.items():
            ours, weight = opened(chromium, link, *network)
            peer, peer_weight = opened(chromium, f"http://127.0.0.1:{house.port}/sign-in", *network)
            rows += [
                (f"patient's page, {name}", ours, weight),
                (f"peer: the staff's sign-in page, {name}", peer, peer_weight),
            ]
            key = name.replace(" ", "_").lower()
            figures |= {f"{key}_ms": round(ours), f"peer_{key}_ms": round(peer)}
            figures["bytes"] = weight
    return Measured(
        columns=("page", "usable after ms", "bytes"),
        rows=rows,
        figures={"usable_ms": figures["slow_4g_ms"], **figures},
        notes=(
            f"median of {TIMES} openings with an empty cache; Chromium's own emulation of network "
            "and processor, 360 x 640 pixels; connections are local, so the set-up of TLS is left "
            "out",
            "usable: the page and its style are loaded and the first button can be pressed",
        ),
    )


def opened(chromium: str, address: str, latency: int, bits: int, slower: int) -> tuple[float, int]:
    """Median milliseconds until the page is loaded, and what came over the network in bytes."""
    from playwright.sync_api import sync_playwright

    taken: list[float] = []
    weight = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(TIMES):
            context = browser.new_context(viewport={"width": 360, "height": 640})
            page = context.new_page()
            phone = context.new_cdp_session(page)
            phone.send("Network.enable")
            phone.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": False,
                    "latency": latency,
                    "downloadThroughput": bits / 8,
                    "uploadThroughput": bits / 16,
                },
            )
            phone.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            page.goto(address, wait_until="load")
            page.locator("button").first.wait_for(state="attached")
            timing = page.evaluate(
                "() => { const n = performance.getEntriesByType('navigation')[0];"
                " const all = performance.getEntriesByType('resource');"
                " return [n.loadEventStart, all.reduce((s, r) => s + r.transferSize,"
                " n.transferSize)]; }"
            )
            taken.append(float(timing[0]))
            weight = int(timing[1])
            context.close()
        browser.close()
    return statistics.median(taken), weight


def invited(house: Installation) -> str:
    """A signed protocol, and the address of a link for an invented patient."""
    file = house.home / "patient.json"
    file.write_text(BUNDLE, encoding="utf-8")
    house.command("add", "department", "general-medicine", "--en", "Medicine", "--zh", "内科")
    house.command("import", "fhir", str(file))
    house.command(
        "add", "person", "senior", "--name", "Senior", "--role", "senior_physician",
        "--department", "general-medicine",
        "--licence", "senior_physician:2020-01-01:2099-12-31", "--password", PASSWORD,
    )  # fmt: skip
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    base = f"http://127.0.0.1:{house.port}"

    def send(path: str, page: str, **form: str) -> str:
        said = {"csrf": _found(r'name="csrf" value="([^"]*)"', page), **form}
        done = browser.open(f"{base}{path}", urllib.parse.urlencode(said).encode())
        return done.read().decode()

    def get(path: str) -> str:
        return browser.open(f"{base}{path}").read().decode()

    send("/sign-in", get("/sign-in"), username="senior", password=PASSWORD)
    send("/me/presence", get("/me/presence"), username="senior", password=PASSWORD)
    send("/preconsult/protocol", get("/preconsult/protocol"))
    page = get("/preconsult/protocol")
    way = _found(r'action="(/preconsult/protocol/[^"]+)"', page)
    send(way, page, sha256=_found(r'name="sha256" value="([0-9a-f]{64})"', page), what="sign")
    made = send("/preconsult", get("/preconsult"), patient="invented", hours="24")
    return base + _found(r"(/visit/[\w-]{27})", made)


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise Unmeasurable("The staff's pages are not as this measurement expects them.")
    return found[1]
