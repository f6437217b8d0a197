"""The inbox by mouse and by keyboard: urgent first, filters, and the list of expired drafts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from countersign.app.house import open_house
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words
from countersign.rooms.inbox.service import Inbox
from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import propose, waiting

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
UNDECIDED = Words("Nobody looked at this one", "无人处理的草稿")


@LANGUAGES
def test_the_inbox_is_used_from_the_keyboard(entering: Enter, language: str) -> None:
    with entering("physician", language) as doctor:
        # Given the list of patients
        doctor.open("/charts")
        keys = doctor.page.keyboard
        # When g and i are pressed, the inbox opens
        with doctor.page.expect_navigation():
            keys.press("g")
            keys.press("i")
        assert doctor.page.url == f"{doctor.window.base}/inbox"
        doctor.look()
        # When j, j and k are pressed, the first, the second and the first row have the focus
        rows = doctor.main.locator("tbody tr")
        for key, row in (("j", 0), ("j", 1), ("k", 0)):
            keys.press(key)
            expect(rows.nth(row).locator("th a")).to_be_focused()
        # And Enter opens it
        title = rows.first.locator("th a").inner_text()
        with doctor.page.expect_navigation():
            keys.press("Enter")
        assert doctor.page.inner_text("h1") == title
        # And ? explains the keys
        with doctor.page.expect_navigation():
            keys.press("?")
        assert doctor.page.url.endswith("/help")
        doctor.look()
        doctor.reads("j", "k", "Enter", "g")


@LANGUAGES
def test_urgent_drafts_stand_first_and_can_be_filtered(entering: Enter, language: str) -> None:
    ranks = [("危急", "Critical"), ("紧急", "Urgent"), ("尽快", "Soon"), ("常规", "Routine")]
    with entering("physician", language) as doctor:
        # Given the inbox
        doctor.open("/inbox")
        order = [doctor.say(*rank) for rank in ranks]
        marks = doctor.main.locator("tbody .mark").all_inner_texts()
        assert [order.index(mark) for mark in marks] == sorted(map(order.index, marks))
        assert len(set(marks)) == 4
        # When one urgency is chosen, only that one is left
        doctor.follow(doctor.main.locator(".filters a", has_text=order[0]))
        chosen = doctor.main.locator("tbody .mark").all_inner_texts()
        assert chosen == [order[0]] * marks.count(order[0])
        assert doctor.main.locator(".filters [aria-current]").inner_text() == order[0]


@LANGUAGES
def test_a_draft_that_nobody_decided_is_listed_as_expired(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    # Given a draft that was valid for a moment, and the timekeeper's round
    patient = waiting(furnished).patient
    with open_house(furnished.settings) as house:
        made = propose(house, patient, UNDECIDED, RiskClass.LOW, valid_days=1e-9)
        Inbox(house.floor.signoff, house.floor.release).expire()
    with entering("physician", language) as doctor:
        # When the list of expired drafts is opened
        doctor.open("/inbox")
        doctor.follow(doctor.main.locator(".tabs a", has_text=doctor.say("已过期", "Expired")))
        # Then it is there, readable, and can no longer be decided
        doctor.follow(doctor.main.locator(f"a[href='/inbox/{made}']"))
        assert doctor.page.inner_text("h1") == UNDECIDED.into(doctor.language)
        assert doctor.main.locator("section.decide").count() == 0
        # And it does not wait any more
        doctor.open("/inbox")
        assert doctor.main.locator(f"a[href='/inbox/{made}']").count() == 0
