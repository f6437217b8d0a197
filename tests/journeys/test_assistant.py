"""From the urology assistant's start page to a signed recommendation in a patient's chart."""

from __future__ import annotations

import pytest

from journeys.conftest import Enter
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
PHYSICIAN = "周演清"


def opens(doctor: Person, path: str, wanted: str) -> None:
    """The index of a process that has just started fills within seconds."""
    for _ in range(60):
        doctor.page.goto(doctor.window.base + path)
        if doctor.page.locator(wanted).count():
            break
        doctor.page.wait_for_timeout(500)
    doctor.open(path)


@LANGUAGES
def test_a_patients_evidence_becomes_a_signed_recommendation(
    entering: Enter, language: str
) -> None:
    with entering("physician", language) as doctor:
        # Given the assistants, of which urology's is opened
        doctor.open("/assistant")
        doctor.follow(doctor.link("泌尿外科助手", "Urology assistant"))
        doctor.reads(
            doctor.say("检索依据不使用语言模型", "Evidence is found without a language model")
        )
        # When a question of the start page is asked
        opens(doctor, "/assistant/urology?q=PSA finasteride 5α 还原酶抑制剂 PSA 加倍", "mark")
        assert doctor.page.locator("blockquote mark").first.is_visible()
        # And a patient is chosen
        doctor.open("/assistant/urology")
        patient = doctor.page.locator("table tbody th a").first
        address = str(patient.get_attribute("href"))
        doctor.follow(patient)
        opens(doctor, address, "article.passage mark")
        # Then sentences are shown with what made them apply, and what is missing
        doctor.reads(
            doctor.say("未使用语言模型", "no language model took part"),
            doctor.say("5α 还原酶抑制剂", "5α-reductase inhibitor"),
            doctor.say("缺失或过期", "Missing or old"),
        )
        quoted = doctor.page.locator("article.passage blockquote").first.inner_text()
        # When a recommendation is drafted
        doctor.follow(doctor.button("起草建议", "Draft a recommendation"))
        assert "/inbox/" in doctor.page.url
        draft = doctor.page.url.rpartition("/")[2]
        said = doctor.main.locator("article .answer-body > .prose").inner_text()
        assert quoted.partition("]")[2].strip() in said, "word for word"
        # Then each quote leads to its words in the document
        doctor.follow(doctor.link("打开原文段落", "Open the passage").first)
        assert doctor.page.locator("mark#quote").is_visible()
        # And signed, it stands in the chart, verified by the physician
        doctor.open(f"/inbox/{draft}")
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        doctor.follow(doctor.link("在病历中查看", "See it in the chart"))
        answer = doctor.page.locator(f"article.answer:has(a[href='/inbox/{draft}'])")
        assert "AIAST" in answer.inner_text()
        assert PHYSICIAN in answer.locator(".answer-who").inner_text()
        assert quoted.partition("]")[2].strip() in answer.inner_text()
        # And the same facts and passages are not drafted a second time
        doctor.follow(doctor.link("科室助手", "Department assistants"))
        doctor.follow(doctor.link("泌尿外科助手", "Urology assistant"))
        doctor.follow(doctor.button("起草建议", "Draft a recommendation"))
        doctor.reads(doctor.say("已起草过", "drafted before"))


def test_similar_cases_are_there_from_the_beginning(entering: Enter) -> None:
    for language in ("zh", "en"):
        with entering("physician", language) as doctor:
            doctor.open("/cases")
            doctor.reads("演示病例集")
