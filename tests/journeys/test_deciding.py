"""A physician signs, amends, rejects and corrects; a senior colleague signs a second time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator

from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import waiting
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
PHYSICIAN = "周演清"
SENIOR = "沈演博"
OWN_WORDS = "已电话通知患者，明日复查。Seen by me; repeat tomorrow."


@LANGUAGES
def test_what_a_physician_signs_reaches_the_chart(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    draft = waiting(furnished, risk="medium")
    with entering("physician", language) as doctor:
        # Given a draft that the physician reads
        doctor.open(f"/inbox/{draft.id}")
        said = doctor.main.locator("article .answer-body > .prose").inner_text()
        # When it is signed, and the dialog is answered
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        # Then it counts as signed, by whom, with a receipt for each step
        marks = doctor.main.locator(".answer-marks").inner_text()
        assert doctor.say("已签署", "Signed") in marks
        assert PHYSICIAN in marks
        steps = doctor.main.locator("section[aria-labelledby=trace] tbody").inner_text()
        for zh, en in (
            ("提出草稿", "Draft proposed"),
            ("签署草稿", "Draft signed"),
            ("发布到病历", "Released to the chart"),
        ):
            assert doctor.say(zh, en) in steps
        # And the chart holds it, labelled as a model's and verified by the physician
        doctor.follow(doctor.link("在病历中查看", "See it in the chart"))
        answer = _answer(doctor, draft.id)
        assert "AIAST" in answer.inner_text()
        assert PHYSICIAN in answer.locator(".answer-who").inner_text()
        assert said.split("\n")[0] in answer.inner_text()
        # And what was written there carries the label of HL7 too
        doctor.follow(answer.locator("a[href*='/source/']"))
        doctor.reads('"AIAST"', doctor.say("签署后发布", "a signed release"))


@LANGUAGES
def test_a_physician_amends_and_what_was_changed_stays_visible(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    draft = waiting(furnished)
    with entering("physician", language) as doctor:
        # Given a draft whose text the physician begins to change
        doctor.open(f"/inbox/{draft.id}")
        text = _text_to_sign(doctor)
        drafted = text.input_value()
        _writes(doctor, OWN_WORDS)
        # When the page is loaded again, or opened in another window, the text is still there
        doctor.page.reload()
        assert doctor.page.locator("[name=text]").input_value() == OWN_WORDS
        with entering("physician", language) as elsewhere:
            elsewhere.open(f"/inbox/{draft.id}")
            assert elsewhere.page.locator("[name=text]").input_value() == OWN_WORDS
        # And undoing brings the draft back, as long as nothing is signed
        doctor.follow(doctor.button("撤销：恢复草稿原文", "Undo: back to the draft"))
        assert _text_to_sign(doctor).input_value() == drafted
        # When the changed text is signed
        _text_to_sign(doctor).fill(f"{drafted}\n{OWN_WORDS}")
        doctor.button("签署修改后的文字", "Sign the changed text").click()
        doctor.answers_yes("confirm-amend")
        # Then the difference between draft and signed text can be seen
        marks = doctor.main.locator(".answer-marks").inner_text()
        assert doctor.say("修改后已签署", "Amended and signed") in marks
        assert OWN_WORDS in doctor.main.locator(".changes ins").last.inner_text()
        assert doctor.button("撤销：恢复草稿原文", "Undo: back to the draft").count() == 0
        # And the chart holds the signed text
        doctor.follow(doctor.link("在病历中查看", "See it in the chart"))
        answer = _answer(doctor, draft.id)
        assert OWN_WORDS in answer.inner_text()
        assert doctor.say("修改后已签署", "Amended and signed") in answer.inner_text()


@LANGUAGES
def test_a_rejected_draft_stays_readable_with_its_reason(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    draft = waiting(furnished)
    with entering("physician", language) as doctor, entering("senior-physician") as colleague:
        # Given a draft that two physicians have in front of them
        doctor.open(f"/inbox/{draft.id}")
        colleague.open(f"/inbox/{draft.id}")
        # When the one rejects it, with a reason from the list and a remark
        doctor.main.locator("summary", has_text=doctor.say("否决", "Reject")).click()
        reason = doctor.say("已经完成", "Already done")
        doctor.page.select_option("[name=reason]", label=reason)
        doctor.page.fill("[name=comment]", OWN_WORDS)
        doctor.look("rejecting")
        doctor.follow(doctor.button("否决该草稿", "Reject the draft"))
        # Then it says so
        doctor.reads(doctor.say("已否决", "Rejected"), reason, OWN_WORDS, PHYSICIAN)
        # And the other's decision is refused, because it comes second
        colleague.button("按原文签署", "Sign as it stands").click()
        colleague.answers_yes("confirm-sign")
        assert colleague.page.locator("[data-problem]").is_visible()
        colleague.reads("已否决")
        # And it stays in a list of its own, and not in the chart
        doctor.open("/inbox?view=rejected")
        doctor.follow(doctor.main.locator(f"a[href='/inbox/{draft.id}']"))
        doctor.reads(reason, OWN_WORDS)
        doctor.open(f"/charts/{draft.patient}")
        assert doctor.main.locator(f"a[href='/inbox/{draft.id}']").count() == 0


def test_a_correction_is_a_new_draft_that_takes_the_place_of_the_answer(
    entering: Enter, furnished: Furnished
) -> None:
    draft = waiting(furnished)
    with entering("physician", "en") as doctor:
        # Given a signed answer
        doctor.open(f"/inbox/{draft.id}")
        said = doctor.main.locator("article .answer-body > .prose").inner_text().split("\n")[0]
        doctor.button("", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        # When it is to be corrected
        doctor.follow(doctor.button("", "Correct it with a new draft"))
        # Then there is a new draft that says what it is, and the old answer still stands
        corrected = doctor.page.url.rpartition("/")[2]
        assert corrected != draft.id
        doctor.reads("This draft corrects an answer that was signed before")
        doctor.open(f"/charts/{draft.patient}")
        assert said in _answer(doctor, draft.id).inner_text()
        # And once the new one is signed, it takes its place
        doctor.open(f"/inbox/{corrected}")
        _text_to_sign(doctor).fill(OWN_WORDS)
        doctor.button("", "Sign the changed text").click()
        doctor.answers_yes("confirm-amend")
        doctor.open(f"/charts/{draft.patient}")
        assert OWN_WORDS in _answer(doctor, corrected).inner_text()
        assert doctor.main.locator(f".answer-signed a[href='/inbox/{draft.id}']").count() == 0
        # And a correction of own words shows them and begins with them
        doctor.open(f"/inbox/{corrected}")
        doctor.follow(doctor.button("", "Correct it with a new draft"))
        doctor.reads("Signed before, in own words", "These words stand in the chart")
        assert doctor.main.locator("[aria-labelledby=before] .prose").inner_text() == OWN_WORDS
        assert _text_to_sign(doctor).input_value() == OWN_WORDS
        # While the first one stays readable
        doctor.open(f"/inbox/{draft.id}")
        doctor.reads(said)


@LANGUAGES
def test_a_high_risk_draft_needs_two_people(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    draft = waiting(furnished, risk="high")
    with entering("physician", language) as doctor:
        # Given a high-risk draft that a physician has signed
        doctor.open(f"/inbox/{draft.id}")
        doctor.signs(doctor.button("按原文签署", "Sign as it stands"), "confirm-sign")
        # Then it is still a draft, and not in the chart
        marks = doctor.main.locator(".answer-marks").inner_text()
        assert doctor.say("草稿，两次签名已有一次", "Draft, signed once of two") in marks
        assert doctor.main.locator("section.decide").count() == 0
        doctor.open(f"/charts/{draft.patient}")
        assert doctor.main.locator(f".answer-signed a[href='/inbox/{draft.id}']").count() == 0
        with entering("senior-physician", language) as senior:
            # When the senior physician gives the second signature
            senior.open("/inbox")
            senior.follow(senior.main.locator(f"a[href='/inbox/{draft.id}']"))
            second = senior.button("作第二签署", "Give the second signature")
            senior.signs(second, "confirm-second")
        # Then it reaches the chart, verified by both
        doctor.open(f"/charts/{draft.patient}")
        who = _answer(doctor, draft.id).locator(".answer-who").inner_text()
        assert PHYSICIAN in who and SENIOR in who


def test_nobody_gives_both_signatures(entering: Enter, furnished: Furnished) -> None:
    draft = waiting(furnished, risk="high")
    with entering("senior-physician") as senior:
        # Given a high-risk draft that the senior physician signed first
        senior.open(f"/inbox/{draft.id}")
        senior.signs(senior.button("按原文签署", ""), "confirm-sign")
        # Then no second signature is offered
        assert senior.main.locator("section.decide").count() == 0
        # And one that is sent nevertheless is refused
        address = f"{senior.window.base}/inbox/{draft.id}"
        sent = senior.page.request.post(
            f"{address}/decision",
            form={"csrf": senior.page.get_attribute("body", "data-csrf"), "choice": "countersign"},
            headers={"origin": senior.window.base, "accept": "text/html"},
        )
        assert sent.status == 409, sent.text()
        senior.open(f"/inbox/{draft.id}")
        senior.reads("草稿，两次签名已有一次")


def test_changing_the_language_keeps_what_was_typed(entering: Enter, furnished: Furnished) -> None:
    draft = waiting(furnished)
    with entering("physician", "zh") as doctor:
        # Given a text that is half written
        doctor.open(f"/inbox/{draft.id}")
        _text_to_sign(doctor).fill(OWN_WORDS)
        # When the language is changed
        with doctor.page.expect_navigation():
            doctor.page.click("[data-language-switch]")
        # Then the page is English and the text is there, and can be seen
        assert doctor.page.get_attribute("html", "lang") == "en"
        text = doctor.page.locator("[name=text]")
        assert text.is_visible()
        assert text.input_value() == OWN_WORDS
        doctor.language = "en"
        with doctor.page.expect_navigation():
            doctor.page.click("[data-language-switch]")
        assert doctor.page.locator("[name=text]").input_value() == OWN_WORDS
        doctor.language = "zh"
        doctor.follow(doctor.button("撤销：恢复草稿原文", ""))


def _answer(doctor: Person, draft: str) -> Locator:
    return doctor.main.locator("article.answer-signed").filter(
        has=doctor.page.locator(f"a[href='/inbox/{draft}']")
    )


def _text_to_sign(doctor: Person) -> Locator:
    text = doctor.page.locator("[name=text]")
    if not text.is_visible():
        opens = doctor.say("修改文字后签署", "Change the text, then sign")
        doctor.main.locator("summary", has_text=opens).click()
    return text


def _writes(doctor: Person, words: str) -> None:
    """Types, and waits until the server keeps it."""
    with doctor.page.expect_response(lambda answer: answer.url.endswith("/working")) as kept:
        _text_to_sign(doctor).fill(words)
    assert kept.value.status == 204
