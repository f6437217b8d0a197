"""Records of other kinds than outpatient, from a phone to the chart; and two people in one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Browser, Response, expect

from journeys.conftest import Enter
from journeys.person import Person
from journeys.visits import PHONE, awaits, invites, protocol, signs, tells, told_is_taken

pytestmark = pytest.mark.browser

COMPLAINT = "咳嗽三天，有黄痰，没有胸痛"
MORE = {"who": "李小芳", "history": "胃溃疡", "allergies": "青霉素", "family": "父亲冠心病"}


def test_what_a_relative_told_becomes_a_signed_admission_record(
    entering: Enter, browser: Browser, base: str
) -> None:
    # Given what a relative filled in on a phone, signed by a physician
    with entering("senior-physician") as senior:
        protocol(senior)
    with entering("nurse") as nurse:
        name, address = invites(nurse, 2)
    with Person.arriving(browser, base, size=PHONE, language="zh") as relative:
        tells(relative, address, COMPLAINT, "none", MORE)
    with entering("physician") as doctor:
        patient = awaits(doctor, name)
        # When she begins an admission record meanwhile, the page says what waits for her
        begins(doctor, patient, "admission")
        doctor.reads("患者就诊前自述签署后方可引用")
        awaits(doctor, name)
        signs(doctor)
        # Then every section that somebody told of is drafted
        begins(doctor, patient, "admission")
        told_is_taken(doctor)
        text = sections(doctor)
        assert text["chief"] == "咳嗽、咳痰3天。"
        assert "无胸痛" in text["present"] and "病史由家属李小芳提供" in text["present"]
        assert "胃溃疡" in text["past"] and "对青霉素过敏" in text["past"]
        assert text["family"] == "父亲冠心病。" and text["personal"] == "从不吸烟。"
        # When she writes what she found herself and hands it over
        record = doctor.page.url
        own = {"exam": "双肺可闻及湿啰音。", "aux": "胸片未查。", "diagnosis": "肺炎？"}
        for part, words in own.items():
            writes(doctor, part, words)
        doctor.follow(doctor.button("提交签署", "Hand over for signing"))
        signs(doctor)
        # Then it stands in the chart with both, and leaves as files
        doctor.open(f"/charts/{patient}")
        doctor.reads("入院记录")
        for kind, starts in (("pdf", b"%PDF-"), ("cda", b"<?xml")):
            answer = doctor.page.request.get(f"{record}/{kind}")
            assert answer.status == 200 and answer.body().startswith(starts)
        found = doctor.page.request.get(f"{record}/cda").text()
        assert "双肺可闻及湿啰音" in found and "病史由家属李小芳提供" in found


def test_two_people_at_once_lose_nothing(entering: Enter, base: str) -> None:
    with entering("physician") as one, entering("senior-physician") as other:
        # Given one record that both have open
        one.open("/charts")
        chart = re.compile(r"^/charts/[0-9a-f-]{36}$")
        links = [a.get_attribute("href") or "" for a in one.main.get_by_role("link").all()]
        begins(one, next(filter(chart.match, links)).removeprefix("/charts/"), "progress")
        other.open(one.page.url.removeprefix(base))
        # When each writes in another section, and goes on writing, without pressing anything
        writes(one, "course", "患者今日体温正常。")
        writes(other, "exam", "双肺清。")
        expect(field(other, "course")).to_have_value("患者今日体温正常。")
        other.reads("他人同时写了：病情变化")
        writes(one, "course", "患者今日体温正常，咳嗽减轻。")
        expect(field(one, "exam")).to_have_value("双肺清。")
        writes(other, "exam", "双肺清，心律齐。")
        writes(other, "plan", "继续抗感染。")
        writes(one, "analysis", "好转。")
        # Then everything of both is there
        one.page.reload()
        assert {k: v for k, v in sections(one).items() if v} == {
            "course": "患者今日体温正常，咳嗽减轻。",
            "exam": "双肺清，心律齐。",
            "plan": "继续抗感染。",
            "analysis": "好转。",
        }


def begins(doctor: Person, patient: str, kind: str) -> None:
    doctor.open(f"/records/of/{patient}")
    doctor.page.select_option("select[name=kind]", kind)
    doctor.page.select_option("select[name=language]", "zh")
    doctor.follow(doctor.button("开始", "Begin"))


def field(person: Person, name: str) -> Any:
    return person.page.locator(f"[name='section:{name}']")


def writes(person: Person, name: str, words: str) -> None:
    """Into a section, until what was written has been saved by itself."""

    def saved(answer: Response) -> bool:
        sent = unquote_plus(answer.request.post_data or "")
        return answer.url.endswith("/saved") and words in sent

    with person.page.expect_response(saved) as answer:
        field(person, name).fill(words)
    assert answer.value.status == 200
    person.page.wait_for_load_state("networkidle")


def sections(person: Person) -> dict[str, str]:
    """What the record says, by section."""
    boxes = person.page.locator("textarea[name^='section:']").all()
    return {
        (b.get_attribute("name") or "").removeprefix("section:"): b.input_value() for b in boxes
    }
