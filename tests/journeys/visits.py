"""What every visit begins with: a signed protocol, a link of the desk, a patient who tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from journeys.person import Person

PHONE = (360, 640)


def protocol(senior: Person) -> None:
    """Signed once, under a proof of presence; the other language finds it in force."""
    senior.open("/preconsult/protocol")
    if senior.page.locator("input[value=withdraw]").count():
        return
    senior.follow(senior.button("按随附内容起草方案", "Draft the shipped protocol"))
    senior.follow(senior.button("签署", "Sign"))
    if "/me/presence" in senior.page.url:
        senior.confirms_with_password()
        senior.follow(senior.button("签署", "Sign"))
    assert senior.page.locator("input[value=withdraw]").count() == 1


def invites(nurse: Person, nth: int) -> tuple[str, str]:
    """The name of the nth patient of the desk's list, and the path of a link for that visit."""
    nurse.open("/preconsult")
    patient = nurse.page.locator("select[name=patient] option").nth(nth)
    name = (patient.inner_text()).split(" · ")[0]
    nurse.page.select_option("select[name=patient]", index=nth)
    nurse.follow(nurse.button("生成链接", "Make a link"))
    return name, nurse.page.input_value("#f-link").removeprefix(nurse.window.base)


def tells(
    patient: Person, address: str, complaint: str, danger: str = "none",
    more: Mapping[str, str] = {},
) -> bool:  # fmt: skip
    """Answers one question a page until it is sent; whether a danger interrupted.

    ``more`` are words for other boxes, by item.
    """
    page, alarmed = patient.page, False
    patient.open(address)
    for _ in range(40):
        item = page.get_attribute("input[name=item]", "value") or ""
        if item == "complaint":
            page.fill("textarea", complaint)
        elif item == "dangers":
            page.check(f"input[value={danger}]")
        elif item == "alarm":
            alarmed = True
            patient.reads("120")
        elif item == "who" and "who" in more:
            page.check("input[value=relative]")
            page.fill("input[name=text]", more["who"])
        elif item.startswith("ask:"):
            page.check("input[value=no]")
            assert page.locator("[data-path=signed]").count() == 1
        elif item == "smoking":
            page.check("input[value=never]")
        elif item in more:
            page.fill("textarea", more[item])
        elif item in ("history", "medicines", "allergies", "family"):
            page.check("input[name=answer]")
        patient.follow(page.locator("form .go button[type=submit]").first)
        if item == "review":
            break
    patient.reads(patient.say("已提交", "Sent, thank you"))
    patient.window.check_clean()
    return alarmed


def awaits(doctor: Person, name: str) -> str:
    """From the desk to the draft of what this patient told; the patient's id.

    The draft is made by the worker: the summary leads to it once it is there.
    """
    doctor.open("/preconsult")
    doctor.follow(doctor.main.locator("tr", has_text=name).first.get_by_role("link", name=name))
    chart = doctor.main.get_by_role("link", name=doctor.say("病历", "Chart"), exact=True).first
    patient = (chart.get_attribute("href") or "").removeprefix("/charts/")
    link = doctor.main.get_by_role("link", name=doctor.say("阅读并决定", "Read and decide"))
    for _ in range(60):
        if link.count():
            break
        doctor.page.wait_for_timeout(500)
        doctor.page.reload()
    doctor.follow(link.first)
    return patient


def signs(doctor: Person) -> None:
    """The draft that is open, as it stands; with the proof that its risk asks for."""
    doctor.signs(doctor.button("按原文签署", "Sign as it stands"), "confirm-sign")


def told_is_taken(doctor: Person) -> None:
    """On the page of a record: what the patient told becomes a draft."""
    doctor.page.locator("summary", has_text=doctor.say("来自病历", "From the chart")).click()
    label = re.compile(doctor.say("就诊前自述", "Told before the visit"))
    doctor.page.get_by_label(label).first.check()
    doctor.follow(doctor.button("根据以上内容起草", "Draft from these facts"))
