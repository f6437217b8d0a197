"""A physician signs in, finds a patient and reads the chart and what a model proposes."""

from __future__ import annotations

import re

import pytest

from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import PHYSICIANS_DEPARTMENTS, waiting
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
HEADINGS = (
    ("理由", "Rationale"),
    ("证据", "Evidence"),
    ("本回答的局限", "Limits of this answer"),
    ("把握程度", "Confidence"),
    ("其他可能", "Alternatives"),
    ("模型", "Model"),
    ("模型读取的数据", "What the model was given"),
)


@LANGUAGES
def test_a_physician_sees_the_patients_whom_the_policy_allows(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    # Given a physician of four departments, and patients also of others
    mine = "departments && %s and not (sensitivity && '{PSY,HIV,GDIS}')"
    allowed = {
        row["id"]
        for row in furnished.rows(
            f"select patient as id from chart.patient where {mine}", list(PHYSICIANS_DEPARTMENTS)
        )
    }
    stranger = furnished.rows(
        "select patient as id from chart.patient where not departments && %s limit 1",
        list(PHYSICIANS_DEPARTMENTS),
    )[0]["id"]
    with entering("physician", language) as doctor:
        # When the list of patients is opened
        doctor.open("/charts")
        # Then it holds exactly those of the departments
        listed = doctor.main.locator("tbody th a").evaluate_all("all => all.map(a => a.href)")
        assert {address.rpartition("/")[2] for address in listed} == allowed
        # And another patient's chart does not open, not even by its address
        doctor.open(f"/charts/{stranger}")
        assert doctor.page.locator("[data-problem]").is_visible()


@LANGUAGES
def test_a_physician_finds_a_patient_and_reads_the_chart(entering: Enter, language: str) -> None:
    with entering("physician", language) as doctor:
        # Given the list of patients
        doctor.open("/charts")
        name = doctor.main.locator("tbody th a").first.inner_text()
        # When one is looked for by name
        doctor.page.fill("[name=name]", name)
        doctor.follow(doctor.button("查找", "Find"))
        # Then only such patients are there, and the chart opens
        found = doctor.main.locator("tbody th a").all_inner_texts()
        assert name in found and all(name in one for one in found)
        doctor.follow(doctor.main.locator("tbody th a").first)
        assert name in doctor.page.inner_text(".patient")
        _reads_the_chart(doctor)


def _reads_the_chart(doctor: Person) -> None:
    for part in ("problems", "medications", "allergies", "encounters", "results", "documents"):
        section = doctor.main.locator(f"section[aria-labelledby={part}]")
        assert section.is_visible(), part
    problems = doctor.main.locator("section[aria-labelledby=problems] tbody tr")
    assert problems.count() >= 1
    results = doctor.main.locator("section[aria-labelledby=results] tbody tr")
    with_range = [row for row in results.all_inner_texts() if re.search(r"\d+–\d|[≤≥] ?\d", row)]
    assert len(with_range) >= 3, results.all_inner_texts()
    document = doctor.main.locator("section[aria-labelledby=documents] details").first
    document.locator("summary").click()
    assert len(document.locator(".prose").inner_text()) > 40
    # And the trends are drawn, with the values beside them
    doctor.follow(doctor.link("趋势", "Trends"))
    drawn = doctor.page.locator(".trend-plot canvas")
    drawn.first.wait_for()
    assert drawn.count() >= 3
    painted = drawn.first.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    )
    assert painted
    doctor.page.locator(".trend-table summary").first.click()
    assert doctor.page.locator(".trend-table").first.locator("tbody tr").count() >= 2


@LANGUAGES
def test_drafts_are_shown_with_their_whole_explanation(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    # Given a draft that awaits the physician
    draft = waiting(furnished, risk="medium")
    with entering("physician", language) as doctor:
        # When the chart is opened
        doctor.open(f"/charts/{draft.patient}")
        # Then the draft is there, marked as one, and folds open to its explanation
        answer = doctor.main.locator("article.answer-draft").first
        assert doctor.say("草稿", "Draft") in answer.locator(".answer-marks").inner_text()
        assert doctor.say("尚无人签署", "Nobody has signed") in answer.inner_text()
        answer.locator("summary").click()
        doctor.look("explained")
        for zh, en in HEADINGS:
            assert answer.get_by_role("heading", name=doctor.say(zh, en), exact=True).is_visible()
        # And its own page says the same and leads to every source
        doctor.open(f"/inbox/{draft.id}")
        for zh, en in HEADINGS:
            heading = doctor.main.get_by_role("heading", name=doctor.say(zh, en), exact=True)
            assert heading.is_visible()
        assert doctor.page.locator("h1").count() == 1
        title = doctor.page.inner_text("h1")
        assert doctor.main.get_by_role("heading", name=title, exact=True).count() == 1
        doctor.follow(doctor.main.locator(".explanation-evidence a").first)
        doctor.reads("SHA-256", '"resourceType"')
