"""The administrator's pages: register, link, switch, count, revoke, in both languages."""

from __future__ import annotations

import json

from joserfc.jwk import KeySet

from app.doorway import enter, token_in
from building import PASSWORD
from doors.cdshooks.stage import FOREIGN_KEY, Workstation

HTML = {"accept": "text/html", "accept-language": "en"}


def test_an_administrator_connects_and_disconnects_a_system(ward: Workstation) -> None:
    browser = ward.http
    browser.headers.update(HTML)
    browser.follow_redirects = False
    try:
        _connected(ward)
    finally:
        browser.cookies.clear()
        browser.headers.clear()


def _connected(ward: Workstation) -> None:
    browser, building = enter(ward.http, "admin", PASSWORD), ward.building
    form = {"csrf": token_in(browser.get("/workstations").text)}
    new = {
        **form,
        "name": "Second system",
        "issuer": "https://second.hospital.internal",
        "jwks": "not keys",
        "departments": ["cardiology"],
    }
    refused = browser.post("/workstations", data=new)
    assert refused.status_code == 422 and "no usable public keys" in refused.text
    assert "https://second.hospital.internal" in refused.text, "what was entered is kept"
    new["jwks"] = json.dumps(KeySet([FOREIGN_KEY]).as_dict(private=False))
    assert browser.post("/workstations", data=new).status_code == 303
    rows = building.rows("select id from identity.cds_client where name = 'Second system'")
    address = f"/workstations/{rows[0]['id']}"
    assert address in browser.get("/workstations").text
    listed = browser.get("/workstations", headers={"accept-language": "zh"})
    assert listed.status_code == 200 and "未处理即过期" in listed.text
    switched = {**form, "answered": "yes", "identifies": "yes"}
    assert browser.post(f"{address}/switch", data=switched).status_code == 303
    nobody = {**form, "reference": "Dr Wang", "person": building.people["wang"]}
    assert browser.post(f"{address}/link", data=nobody).status_code == 422
    linked = {**form, "reference": "Practitioner/5", "person": building.people["wang"]}
    assert browser.post(f"{address}/link", data=linked).status_code == 303
    assert "Practitioner/5" in browser.get(address).text
    chinese = browser.get(address, headers={"accept-language": "zh"}).text
    assert "取消关联" in chinese and "Unlink" not in chinese
    unlinked = {**form, "reference": "Practitioner/5"}
    assert browser.post(f"{address}/unlink", data=unlinked).status_code == 303
    assert "Nobody is linked yet." in browser.get(address).text
    assert browser.post(f"{address}/revoke", data=form).status_code == 303
    assert browser.get(address).status_code == 404
    changes = [event.detail["change"] for event in building.events(f"cds-client:{rows[0]['id']}")]
    assert changes == [
        "registered", "answered=true identifies=true", "linked", "unlinked", "revoked",
    ]  # fmt: skip
