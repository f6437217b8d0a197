"""A physician types a conversation, reads each sentence beside its source, and signs the record."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from browser import browser as browser
from browser import serve
from building import PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from journeys.person import Person
from rooms.records.test_pages import DIALOGUE, ICD, child

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
Enter = Callable[[str], AbstractContextManager[Person]]


@pytest.fixture(scope="module")
def base(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served house with one child and a list of codes."""
    home = tmp_path_factory.mktemp("house")
    building = Building(module_database, home)
    (home / "records").mkdir()
    (home / "records" / "icd10.csv").write_text(ICD, "utf-8")
    building.floor = replace(building.floor, records=home / "records")
    register_models(building.house)
    child(building, "p1")
    with serve(build_http(building.floor, ROOMS)) as address:
        yield address
    building.close()


@pytest.fixture
def entering(browser: Browser, base: str, language: str) -> Enter:
    @contextmanager
    def enter(name: str) -> Generator[Person]:
        with Person.arriving(browser, base, language) as person:
            person.window.sign_in(name, PASSWORD)
            yield person

    return enter


def leaves(person: Person) -> None:
    """Leaves the field, after which nothing is on its way any more."""
    person.page.keyboard.press("Tab")
    person.page.wait_for_load_state("networkidle")


@LANGUAGES
def test_a_conversation_becomes_a_signed_record(entering: Enter, language: str) -> None:
    with entering("wang") as doctor:
        # Given a chart, from which a record is begun
        doctor.open("/charts/p1")
        doctor.follow(doctor.link("书写病历", "Write a record"))
        doctor.page.select_option("#f-language", "zh")
        doctor.follow(doctor.button("开始", "Begin"))
        doctor.reads(doctor.say("必填项目缺失", "Required and empty"))
        # When she types, it is kept without a button
        doctor.page.locator("#f-lines").fill("tj 双肺呼吸音粗")
        doctor.page.locator("#f-dialogue").fill(DIALOGUE)
        doctor.page.get_by_text(doctor.say("已保存为第", "Kept as version")).wait_for()
        leaves(doctor)
        # And has it drafted
        doctor.follow(doctor.button("根据以上内容起草", "Draft from these facts"))
        present = doctor.page.locator("textarea[name='section:present']")
        assert "无呕吐" in present.input_value() and "3天前出现" in present.input_value()
        # Then each sentence stands beside the words that it comes from, and codes are proposed
        doctor.reads(
            "“患者：咳嗽三天了", "J40", doctor.say("语句及其来源", "Sentences and their sources")
        )
        # And what she begins to write is completed from what is known, by the keyboard alone
        exam = doctor.page.locator("textarea[name='section:exam']")
        exam.press("Control+End")
        exam.press_sequentially("鼻流")
        doctor.page.get_by_role("button", name="鼻流涕").wait_for()
        exam.press("Alt+1")
        assert exam.input_value().endswith("鼻流涕")
        # When she mends a section and hands the record over
        doctor.page.locator("textarea[name='section:plan']").fill("查血常规，必要时复诊。")
        doctor.page.get_by_text(doctor.say("已保存为第", "Kept as version")).wait_for()
        leaves(doctor)
        doctor.follow(doctor.button("提交签署", "Hand over for signing"))
        draft = doctor.page.url.rpartition("/")[2]
        doctor.reads("必要时复诊")
        # And signs it, it stands in the chart
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        doctor.open("/charts/p1")
        assert doctor.page.locator(f"a[href='/inbox/{draft}']").count()
        # And what was kept is counted
        doctor.open("/records")
        doctor.reads(
            doctor.say("保留率", "Share kept"), doctor.say("门诊病历", "Outpatient record")
        )


@pytest.mark.parametrize("language", ["zh"])
def test_two_people_choose_between_their_words(entering: Enter, language: str) -> None:
    with entering("wang") as one, entering("zhao") as other:
        one.open("/records/of/p1")
        one.follow(one.button("开始", "Begin"))
        path = one.page.url.removeprefix(one.window.base)
        other.open(path)
        one.page.locator("textarea[name='section:plan']").fill("门诊随访。")
        one.page.get_by_text("已保存为第").wait_for()
        other.page.locator("textarea[name='section:plan']").fill("收住院。")
        other.page.get_by_text("您的内容并未丢失").wait_for()
        leaves(other)
        other.follow(other.button("保存", "Save"))
        other.reads("两个版本", "门诊随访", "收住院")
        other.page.locator("textarea[name='section:plan']").fill("收住院，出院后门诊随访。")
        other.follow(other.button("保存", "Save"))
        assert "出院后门诊随访" in other.page.locator("textarea[name='section:plan']").input_value()
