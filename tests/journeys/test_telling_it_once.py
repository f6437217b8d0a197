"""A patient tells it once, on a phone: the desk hears of a danger, a physician signs and writes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.conftest import Enter
from journeys.person import Person
from journeys.visits import PHONE, awaits, invites, protocol, signs, tells, told_is_taken

pytestmark = pytest.mark.browser

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
        protocol(senior)
    with entering("nurse", language) as nurse:
        # Given a link that a nurse made for one visit
        name, address = invites(nurse, 1)
    with Person.arriving(browser, base, language, size=PHONE) as patient_:
        allergic = {"allergies": patient_.say("青霉素", "penicillin")}
        assert tells(patient_, address, COMPLAINT[language], "bleeding", allergic)
    with entering("nurse", language) as nurse:
        # Then the desk was alerted, and somebody takes care of it
        nurse.open("/preconsult")
        alert = nurse.main.locator("article", has_text=name).first
        nurse.follow(alert.get_by_role("button", name=nurse.say("由我处理", "I take care of it")))
        row = nurse.main.locator("tr", has_text=name).first
        assert nurse.say("急诊", "emergency") in row.inner_text()
    with entering("physician", language) as doctor:
        _signs_and_writes(doctor, name, language)


def _signs_and_writes(doctor: Person, name: str, language: str) -> None:
    # When the physician opens the summary, the draft is one press away
    patient = awaits(doctor, name)
    doctor.reads(COMPLAINT[language])
    doctor.page.go_back()
    doctor.reads(COMPLAINT[language], doctor.say("未经语言模型", "no language model read them"))
    words = doctor.main.locator("details")
    words.locator("summary").click()
    assert words.locator("blockquote").first.is_visible()
    # And signs it
    awaits(doctor, name)
    signs(doctor)
    # Then a record is drafted from what the patient told, each sentence with its source
    doctor.open(f"/records/of/{patient}")
    doctor.page.select_option("select[name=kind]", "outpatient")
    doctor.page.select_option("select[name=language]", language)
    doctor.follow(doctor.main.locator("form button.main").first)
    told_is_taken(doctor)
    present = doctor.page.input_value("[name='section:present']")
    past = doctor.page.input_value("[name='section:past']")
    assert doctor.say("腹痛", "bdominal pain") in present
    assert doctor.say("青霉素过敏", "penicillin") in past
    assert "/source/QuestionnaireResponse/" in doctor.page.content()
