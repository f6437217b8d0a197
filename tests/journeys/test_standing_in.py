"""A physician goes on leave, a colleague stands in; a chart is labelled and opened again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from countersign.ground.identity import Principal, Role
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words
from furnished import Furnished
from journeys.doorways import Doorway, doorway
from journeys.drafts import PHYSICIANS_DEPARTMENTS, propose
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
INSTALLER = Principal.system("installer")
SAID = Words("Potassium 5.6 mmol/L: repeat", "血钾 5.6 mmol/L：请复查")
WHY = "Two weeks of leave. 休假两周。"


@pytest.fixture(scope="module")
def house(furnished: Furnished) -> Iterator[Doorway]:
    with doorway(furnished) as one:
        yield one


def somebody(house: Doorway, *, departments: bool = True) -> tuple[str, str, str]:
    """A physician whom no other journey knows: user name, identifier and name."""
    username, person = house.newcomer()
    if not departments:
        for code in PHYSICIANS_DEPARTMENTS:
            house.house.floor.people.part(person, code, by=INSTALLER)
    return username, person, house.house.floor.people.person(person).name


def a_patient(furnished: Furnished, number: int) -> str:
    rows = furnished.rows(
        "select patient from chart.patient where 'cardiology' = any (departments)"
        " and sensitivity = '{}' and active order by patient offset %s limit 1",
        number,
    )
    return rows[0]["patient"]


def refuses(person: Person, patient: str) -> None:
    """The chart is closed to this person now."""
    answer = person.page.goto(f"{person.window.base}/charts/{patient}")
    assert answer is not None and answer.status == 403


@LANGUAGES
def test_a_colleague_stands_in_and_signs_on_behalf(
    browser: Browser, furnished: Furnished, house: Doorway, language: str
) -> None:
    away, _, away_name = somebody(house)
    standing, standing_id, standing_name = somebody(house, departments=False)
    administrator, _ = house.newcomer(Role.ADMINISTRATOR)
    patient = a_patient(furnished, 0)
    draft = propose(house.house, patient, SAID, RiskClass.LOW)
    with (
        Person.arriving(browser, house.base, language) as absent,
        Person.arriving(browser, house.base, language) as colleague,
    ):
        absent.sign_in(away)
        colleague.sign_in(standing)
        # Given a colleague who sees nothing of the patient
        refuses(colleague, patient)
        # When the physician asks the colleague to stand in
        absent.open("/access/delegations")
        absent.reads(absent.say("目前无人为您代班", "Nobody stands in for you"))
        absent.page.select_option("[name=to]", standing_id)
        absent.page.fill("[name=reason]", WHY)
        absent.follow(absent.button("发出请求", "Ask the colleague"))
        absent.reads(standing_name, WHY, absent.say("待答复", "waits for an answer"))
        # Then the colleague is told in the inbox, and takes it on
        colleague.open("/inbox")
        colleague.follow(colleague.link("请您代班的同事", "Colleagues who ask you to stand in"))
        colleague.reads(away_name, WHY)
        colleague.follow(colleague.button("接受代班", "Stand in"))
        colleague.reads(colleague.say("有效", "in force"))
        # And decides a draft on the physician's behalf, which the page says before and after
        colleague.open(f"/inbox/{draft}")
        colleague.reads(
            colleague.say(f"您正代离岗的 {away_name}", f"You decide on behalf of {away_name}")
        )
        colleague.button("按原文签署", "Sign as it stands").click()
        colleague.answers_yes("confirm-sign")
        behalf = colleague.say(f"代 {away_name} 签署", f"on behalf of {away_name}")
        colleague.reads(behalf)
        colleague.open(f"/charts/{patient}")
        colleague.reads(standing_name, behalf)
        # When the physician is back early and ends it
        absent.open("/access/delegations")
        absent.button("立即结束", "End it now").click()
        absent.follow(absent.page.locator("dialog[open] [data-dialog-yes]"))
        absent.reads(absent.say("提前结束", "ended early"))
        # Then the colleague's open session shows nothing more from the same moment
        refuses(colleague, patient)
    with Person.arriving(browser, house.base, language) as admin:
        admin.sign_in(administrator)
        admin.open("/access/delegations/all")
        admin.reads(away_name, standing_name)
        assert WHY not in admin.page.content()


@LANGUAGES
def test_a_chart_is_labelled_and_opened_again(
    browser: Browser, furnished: Furnished, house: Doorway, language: str
) -> None:
    caring, caring_id, _ = somebody(house)
    beside, _, _ = somebody(house)
    patient = a_patient(furnished, 1)
    house.house.floor.people.care(caring_id, patient, "ward round", by=INSTALLER)
    with (
        Person.arriving(browser, house.base, language) as doctor,
        Person.arriving(browser, house.base, language) as other,
    ):
        doctor.sign_in(caring)
        other.sign_in(beside)
        other.open(f"/charts/{patient}")
        # When somebody of the care team labels the chart
        doctor.open(f"/charts/{patient}")
        doctor.follow(doctor.link("标签", "Labels"))
        doctor.page.select_option("[name=label]", "PSY")
        doctor.page.fill("textarea[name=reason]", WHY)
        doctor.follow(doctor.button("变更标签", "Change the label"))
        doctor.reads(doctor.say("有效", "in force"), WHY)
        # Then the department sees it no more, from the same moment, and the care team does
        refuses(other, patient)
        doctor.open(f"/charts/{patient}")
        doctor.reads(doctor.say("此病历带有标签", "This chart is labelled"))
        # And when it is removed again, it is open again
        doctor.follow(doctor.link("标签", "Labels"))
        doctor.page.select_option("[name=label]", "PSY")
        doctor.page.select_option("[name=change]", "removed")
        doctor.page.fill("textarea[name=reason]", WHY)
        doctor.follow(doctor.button("变更标签", "Change the label"))
        other.open(f"/charts/{patient}")


@LANGUAGES
def test_the_administrator_adds_and_ends_a_rule(
    browser: Browser, house: Doorway, language: str
) -> None:
    administrator, _ = house.newcomer(Role.ADMINISTRATOR)
    code = f"invented-{language}"
    with Person.arriving(browser, house.base, language) as admin:
        admin.sign_in(administrator)
        admin.open("/access/label-rules")
        admin.page.select_option("[name=label]", "HIV")
        admin.page.check("[name=kind][value=code]")
        admin.page.fill("[name=code]", code)
        admin.follow(admin.button("新增该规则", "Add the rule"))
        admin.reads(code, admin.say("正在处理病历", "going through the charts"))
        row = admin.page.locator("tr", has_text=code)
        row.locator("button").click()
        admin.follow(admin.page.locator("dialog[open] [data-dialog-yes]"))
        admin.reads(admin.say("已结束", "ended"))
