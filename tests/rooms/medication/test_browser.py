"""A physician writes an order and answers its alert; a pharmacist finds the rule behind it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser

from browser import browser as browser
from browser import check_axe, check_no_sideways, serve
from building import IMPORTER, PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from countersign.kit.json import JSON
from journeys.person import Person
from rooms.medication.test_pages import ALLERGY, EVERYBODY, chart, takes

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
Enter = Callable[[str], AbstractContextManager[Person]]


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    """A house with one patient."""
    building = Building(module_database, tmp_path_factory.mktemp("house"), staff=EVERYBODY)
    register_models(building.house)
    building.floor.chart.receive(
        IMPORTER,
        chart(1, takes("舍曲林片"), takes("某某秘方丸"), ALLERGY),
        source="test",
        departments=["cardiology"],
        keep_ids=True,
    )
    yield building
    building.close()


@pytest.fixture(scope="module")
def base(building: Building) -> Iterator[str]:
    with serve(build_http(building.floor, ROOMS)) as address:
        yield address


@pytest.fixture
def entering(browser: Browser, base: str, language: str) -> Enter:
    @contextmanager
    def enter(name: str) -> Generator[Person]:
        with Person.arriving(browser, base, language) as person:
            person.window.sign_in(name, PASSWORD)
            yield person

    return enter


def usable(person: Person) -> None:
    """A page that anybody can read and use."""
    check_axe(person.page)
    check_no_sideways(person.page)


def signs_it(doctor: Person) -> None:
    """The order that she keeps becomes a draft of hers, and a prescription by her signature."""
    doctor.follow(doctor.button("写成草稿并前往签署", "Write it and go to signing"))
    doctor.reads(doctor.say("由医师书写并经规则审查", "Written by a person and checked by rules"))
    usable(doctor)
    doctor.button("按原文签署", "Sign as it stands").click()
    doctor.answers_yes("confirm-sign")
    doctor.reads(doctor.say("以新草稿停止", "Stop it with a new draft"))
    usable(doctor)


@LANGUAGES
def test_from_the_order_to_the_rule(entering: Enter, language: str) -> None:
    with entering("wang") as doctor:
        # Given a physician with a patient in front of her
        doctor.open("/medication")
        doctor.reads(doctor.say("尚未审查。", "Nothing is checked yet."))
        usable(doctor)
        doctor.page.select_option("[name=patient]", "sick-1")
        # When she writes an order, it is checked without any button
        doctor.page.fill("[name=drug]", "吗丁啉")
        doctor.page.fill("[name=dose]", "20")
        doctor.page.select_option("[name=frequency]", "tid")
        doctor.page.locator("#found article").first.wait_for()
        doctor.reads(doctor.say("多潘立酮每日超过30 mg", "More than 30 mg of domperidone a day"))
        usable(doctor)
        # And a dangerous one asks for an answer
        doctor.page.fill("[name=drug]", "泰诺林")
        doctor.page.fill("[name=dose]", "1000")
        doctor.page.press("[name=dose]", "Tab")  # leaving a field is what tells of its change
        with doctor.page.expect_response(lambda got: "q4h" in (got.request.post_data or "")):
            doctor.page.select_option("[name=frequency]", "q4h")
        stop = doctor.say("须处理", "Stop and answer")
        doctor.page.locator("#found", has_text=stop).wait_for()
        usable(doctor)
        doctor.page.check("[name=outcome][value=kept]")
        doctor.follow(doctor.button("登记", "Record"))
        doctor.reads(
            doctor.say(
                "请为每条拦截提示填写理由。", "Give a reason for each alert that interrupts."
            )
        )
        doctor.page.select_option("select[name^=reason-]", "risk-benefit-ratio")
        doctor.page.check("[name=outcome][value=kept]")
        doctor.follow(doctor.button("登记", "Record"))
        doctor.reads(doctor.say("已记录：维持医嘱", "the order is kept"))
        usable(doctor)
        signs_it(doctor)
        # And a name that nobody knows is said to be unknown
        doctor.open("/medication")
        doctor.page.select_option("[name=patient]", "sick-1")
        doctor.page.fill("[name=drug]", "zyxwvutine")
        doctor.page.press("[name=drug]", "Enter")
        unknown = doctor.say("未审查：药物无法识别", "Not checked: unknown drug")
        doctor.page.locator("#found", has_text=unknown).wait_for()
    with entering("apothecary") as keeper:
        # Then a pharmacist finds the rule with its source and what became of it
        keeper.open("/medication/rules?q=dose-paracetamol")
        usable(keeper)
        keeper.follow(
            keeper.link("对乙酰氨基酚每日超过4 g", "More than 4 g of paracetamol a day").first
        )
        keeper.reads("4,000 mg", "2011-01-13")
        usable(keeper)
        keeper.open("/medication/committee")
        keeper.reads(keeper.say("全部提示过的规则", "Every rule that was shown"))
        usable(keeper)
        keeper.open("/medication/rules/new")
        keeper.follow(keeper.button("试运行", "Try it"))
        keeper.reads(keeper.say("全部示例结果正确", "Every example comes out right"))
        usable(keeper)


@LANGUAGES
def test_what_the_chart_brings_before_the_signature_is_answered_first(
    entering: Enter, building: Building, language: str
) -> None:
    number = 2 if language == "zh" else 3

    def arrives(*resources: JSON) -> None:
        building.floor.chart.receive(
            IMPORTER, chart(number, *resources), source="test", departments=["cardiology"],
            keep_ids=True,
        )  # fmt: skip

    arrives()
    with entering("wang") as doctor:
        # Given an order that nothing spoke against, written and about to be signed
        doctor.open("/medication")
        doctor.page.select_option("[name=patient]", f"sick-{number}")
        doctor.page.fill("[name=dose]", "5")
        doctor.page.select_option("[name=frequency]", "qd")
        doctor.page.fill("[name=drug]", "司来吉兰")  # last, so that one check holds all of it
        doctor.page.press("[name=drug]", "Tab")
        doctor.page.locator("#write-order").wait_for()
        doctor.follow(doctor.button("写成草稿并前往签署", "Write it and go to signing"))
        # When a colleague's order arrives before she signs
        arrives(takes("舍曲林片"))
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        # Then nothing is signed and what is new stands there
        doctor.reads(
            doctor.say("未签署", "Not signed"), doctor.say("单胺氧化酶抑制剂", "MAO inhibitor")
        )
        usable(doctor)
        doctor.page.select_option("select[name^=reason-]", "risk-benefit-ratio")
        doctor.page.check("[name=outcome][value=kept]")
        doctor.follow(doctor.button("登记", "Record"))
        usable(doctor)
        # And she signs what she has kept knowingly
        doctor.follow(doctor.link("前往签署", "Go to signing"))
        doctor.button("按原文签署", "Sign as it stands").click()
        doctor.answers_yes("confirm-sign")
        doctor.reads(doctor.say("以新草稿停止", "Stop it with a new draft"))
