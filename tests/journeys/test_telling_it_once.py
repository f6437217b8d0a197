"""A patient tells it once, on a phone: the desk hears of a danger, a physician signs and writes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from journeys.conftest import Enter
from journeys.person import Person

pytestmark = pytest.mark.browser

PHONE = (360, 640)
LANGUAGES = pytest.mark.parametrize("language", ["zh"])
COMPLAINT = {
    "zh": "肚子疼两天，恶心，没有发烧",
    "en": "my stomach has hurt for two days and I feel sick, no fever",
}


@LANGUAGES
def test_from_a_link_on_a_phone_to_a_record(
    entering: Enter, browser: Browser, base: str, language: str
) -> None:
    with entering("senior-physician", language) as senior:
        _protocol(senior)
    with entering("nurse", language) as nurse:
        # Given a link that a nurse made for one visit
        nurse.open("/preconsult")
        patient = nurse.page.locator("select[name=patient] option").nth(1)
        name = (patient.inner_text()).split(" · ")[0]
        nurse.page.select_option("select[name=patient]", index=1)
        nurse.follow(nurse.button("生成链接", "Make a link"))
        address = nurse.page.input_value("#f-link").removeprefix(base)
    with Person.arriving(browser, base, language, size=PHONE) as patient_:
        _tells(patient_, address, language)
    with entering("nurse", language) as nurse:
        # Then the desk was alerted, and somebody takes care of it
        nurse.open("/preconsult")
        alert = nurse.main.locator("article", has_text=name).first
        nurse.follow(alert.get_by_role("button", name=nurse.say("由我处理", "I take care of it")))
        row = nurse.main.locator("tr", has_text=name).first
        assert nurse.say("急诊", "emergency") in row.inner_text()
    with entering("physician", language) as doctor:
        _signs_and_writes(doctor, name, language)


def _protocol(senior: Person) -> None:
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


def _tells(patient: Person, address: str, language: str) -> None:
    """Own words, a danger, what to do now, then one question a page until it is sent."""
    page = patient.page
    patient.open(address)
    alarmed = False
    for _ in range(40):
        item = page.get_attribute("input[name=item]", "value") or ""
        if item == "complaint":
            page.fill("textarea", COMPLAINT[language])
        elif item == "dangers":
            page.check("input[value=bleeding]")
        elif item == "alarm":
            alarmed = True
            patient.reads("120")
        elif item.startswith("ask:"):
            page.check("input[value=no]")
            assert page.locator("[data-path=signed]").count() == 1
        elif item == "smoking":
            page.check("input[value=never]")
        elif item == "allergies":
            page.fill("textarea", patient.say("青霉素", "penicillin"))
        elif item in ("history", "medicines", "family"):
            page.check("input[name=answer]")
        patient.follow(page.locator("form .go button[type=submit]").first)
        if item == "review":
            break
    assert alarmed
    patient.reads(patient.say("已提交", "Sent, thank you"))
    patient.window.check_clean()


def _signs_and_writes(doctor: Person, name: str, language: str) -> None:
    # When the physician opens the summary, it is there on half a screen
    doctor.open("/preconsult")
    doctor.follow(doctor.main.locator("tr", has_text=name).first.get_by_role("link", name=name))
    doctor.reads(COMPLAINT[language], doctor.say("未经语言模型", "no language model read them"))
    words = doctor.main.locator("details")
    words.locator("summary").click()
    assert words.locator("blockquote").first.is_visible()
    chart = doctor.main.get_by_role("link", name=doctor.say("病历", "Chart")).first
    patient = (chart.get_attribute("href") or "").removeprefix("/charts/")
    # And signs it in the inbox
    for _ in range(60):
        doctor.open("/inbox")
        draft = doctor.main.get_by_role(
            "link", name=re.compile(doctor.say("患者就诊前自述", "What the patient told"))
        )
        if draft.count():
            break
        doctor.page.wait_for_timeout(500)
    doctor.follow(draft.first)
    doctor.reads(COMPLAINT[language])
    doctor.button("按原文签署", "Sign as it stands").click()
    doctor.answers_yes("confirm-sign")
    # Then a record is drafted from what the patient told, each sentence with its source
    doctor.open(f"/records/of/{patient}")
    doctor.page.select_option("select[name=kind]", "outpatient")
    doctor.page.select_option("select[name=language]", language)
    doctor.follow(doctor.main.locator("form button.main").first)
    doctor.page.locator("summary", has_text=doctor.say("来自病历", "From the chart")).click()
    doctor.page.get_by_label(
        re.compile(doctor.say("就诊前自述", "Told before the visit"))
    ).first.check()
    doctor.follow(doctor.button("根据以上内容起草", "Draft from these facts"))
    present = doctor.page.input_value("[name='section:present']")
    past = doctor.page.input_value("[name='section:past']")
    assert doctor.say("腹痛", "bdominal pain") in present
    assert doctor.say("青霉素过敏", "penicillin") in past
    assert "/source/QuestionnaireResponse/" in doctor.page.content()
