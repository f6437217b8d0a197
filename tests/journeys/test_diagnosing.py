"""A physician writes a note, corrects what was read in it, asks, and signs what she agrees with."""

from __future__ import annotations

import pytest

from journeys.conftest import Enter

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
NOTES = {
    "zh": "发热、咳嗽3天，胸痛，气促。无下肢水肿。母亲患哮喘。",
    "en": "Fever and cough for three days, chest pain, short of breath. No leg swelling.",
}


@LANGUAGES
def test_from_the_note_to_the_chart(entering: Enter, language: str) -> None:
    with entering("physician", language) as doctor:
        # Given the chart of a patient
        doctor.open("/charts")
        doctor.follow(doctor.main.locator("tbody th a").first)
        chart = doctor.page.url
        considering = ("值得考虑的诊断", "Diagnoses worth considering")
        doctor.follow(doctor.link(*considering))
        # When she writes a note and has it read
        doctor.page.fill("#f-text", NOTES[language])
        doctor.follow(doctor.button("识别记录", "Read the note"))
        marked = doctor.main.locator(".found")
        assert marked.count() >= 5
        # And strikes out what is not meant, by one click
        cough = doctor.main.locator("tr", has_text="HP:0012735")
        doctor.follow(cough.get_by_role("button", name=doctor.say("非此意", "not meant")))
        assert "struck" in (cough.get_attribute("class") or "")
        assert doctor.main.locator(".found-struck").count() == 1
        doctor.follow(cough.get_by_role("button", name=doctor.say("有", "present"), exact=True))
        # Then asking shows candidates as a draft, with what would decide and the limits
        doctor.page.fill("#f-impression", doctor.say("肺炎", "Pneumonia"))
        doctor.follow(doctor.button("显示值得考虑的诊断", "Show diagnoses worth considering"))
        doctor.reads(
            doctor.say("由模型提出，尚无人签署。", "Proposed by a model. Nobody has signed it."),
            doctor.say("可区分诊断的问题与检查", "What would decide"),
            doctor.say("本回答的局限", "Limits of this answer"),
        )
        # And from there it is signed
        sign = ("签署、修改或拒绝此草稿", "Sign, change or reject this draft")
        doctor.follow(doctor.link(*sign))
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        doctor.follow(doctor.link("在病历中查看", "See it in the chart"))
        doctor.reads(doctor.say(*considering))
        doctor.open(chart.removeprefix(doctor.window.base))
        doctor.reads(doctor.say(*considering))
