"""The quality office recalls a rule pack; a colleague adjudicates; an impression comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from countersign.app.house import open_house
from countersign.ground.identity import Principal
from countersign.ground.models import ModelRef
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words
from countersign.rooms.workstation.inference import MODEL_CARD
from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import propose
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
INSTALLER = Principal.system("installer")
WHY = "It took haemolysed samples for real ones."
CORRECTED = "已复核：标本溶血，结果无效。The sample was haemolysed."


@LANGUAGES
def test_a_recalled_rule_pack_is_reviewed_by_its_signers(
    entering: Enter, furnished: Furnished, base: str, language: str
) -> None:
    # Given two answers of an earlier rule pack of the workstation, signed by the physician
    patient = _patient(furnished)
    model, drafts, token = _earlier_pack(furnished, patient, f"0.9.{language}")
    with entering("physician", language) as doctor, entering("administrator", language) as admin:
        for draft in drafts:
            _signs(doctor, draft)
        # When the administrator recalls it, after seeing what it touched
        admin.open("/safety/recalls")
        admin.page.select_option("[name=node]", f"model:{model.label}")
        admin.follow(admin.button("查看涉及范围", "See what it touched"))
        admin.reads(admin.say("患者", "Patients"), "2")
        admin.page.fill("[name=reason]", WHY)
        admin.button("启动召回", "Start the recall").click()
        admin.answers_yes("confirm-recall")
        recall = admin.page.url
        admin.reads(WHY, "0 / 2")
        # Then both released answers are labelled, in the chart and for other systems
        under = doctor.say("召回复核中", "under recall")
        doctor.open(f"/charts/{patient}")
        for draft in drafts:
            assert under in _answer(doctor, draft)
        tags = _tags(base, token, furnished, drafts)
        assert [tag["display"] for tag in tags] == ["under recall", "under recall"]
        # And the physician finds two tasks in the inbox
        doctor.open("/inbox")
        doctor.follow(doctor.main.locator("a[href='/safety/reviews']"))
        # When one is confirmed
        _reviews(doctor, furnished, drafts[0], "stands")
        # And the other corrected by a new draft
        _reviews(doctor, furnished, drafts[1], "corrected")
        correction = doctor.page.url.rpartition("/")[2]
        doctor.main.locator(
            "summary", has_text=doctor.say("修改文字后签署", "Change the text, then sign")
        ).click()  # noqa: E501
        doctor.page.fill("[name=text]", CORRECTED)
        doctor.button("签署修改后的文字", "Sign the changed text").click()
        doctor.answers_yes("confirm-amend")
        # Then no label is left in the chart, and the recall is closed
        doctor.open(f"/charts/{patient}")
        assert CORRECTED in _answer(doctor, correction)
        for draft in (drafts[0], correction):
            assert under not in _answer(doctor, draft)
        admin.open(recall.removeprefix(admin.window.base))
        admin.reads(admin.say("所有签署人均已答复", "Every signer has answered"))
        assert [tag["display"] for tag in _tags(base, token, furnished, drafts)] == [
            "under recall, being corrected"
        ]
        # And the rule pack can propose nothing more: it is not offered a second time
        admin.open("/safety/recalls")
        assert admin.page.locator(f"option[value='model:{model.label}']").count() == 0


@LANGUAGES
def test_an_own_impression_comes_before_the_draft(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    kind = f"blind-{language}"
    with entering("administrator", language) as admin:
        # Given a share of drafts that the quality office chose
        admin.open("/safety/rules")
        blind = admin.main.locator("form", has=admin.page.locator("[value=blind-share]"))
        blind.locator("[name=subject]").fill(f"workstation.{kind}")
        blind.locator("[name=value]").fill("100")
        admin.follow(blind.locator("button"))
        admin.reads(f"workstation.{kind}")
    patient, said = _patient(furnished), _said("blind")
    with open_house(furnished.settings) as house:
        draft, urgent = (propose(house, patient, said, RiskClass.HIGH, kind=kind) for _ in range(2))
    with entering("physician", language) as doctor:
        # When the physician opens one
        doctor.open(f"/inbox/{draft}")
        # Then nothing of it is shown, neither here nor in the chart nor in the list
        for path in (f"/inbox/{draft}", f"/charts/{patient}", "/inbox"):
            doctor.open(path)
            assert said.into("zh") not in doctor.page.content()
            assert said.into("en") not in doctor.page.content()
        # When the own impression is recorded
        doctor.open(f"/inbox/{draft}")
        doctor.page.check("[name=urgency][value=urgent]")
        doctor.page.fill("[name=words]", CORRECTED)
        doctor.follow(doctor.button("记录并显示草稿", "Record and show the draft"))
        # Then the draft stands beside it, with the light of opinions
        doctor.reads(said.into(doctor.say("zh", "en")), CORRECTED)  # type: ignore[arg-type]
        doctor.reads(doctor.say("独立意见不一致", "Independent opinions disagree"))
        # And in an emergency a reason is enough
        doctor.open(f"/inbox/{urgent}")
        doctor.main.locator("summary").click()
        doctor.page.fill("[name=reason]", "Resuscitation")
        doctor.follow(doctor.button("立即显示", "Show at once"))
        doctor.reads(said.into(doctor.say("zh", "en")), "Resuscitation")  # type: ignore[arg-type]
    with entering("auditor", language) as auditor:
        auditor.open("/safety/reading")
        auditor.reads("Brysbaert")


@LANGUAGES
def test_a_named_senior_adjudicates_a_rejection(
    entering: Enter, furnished: Furnished, language: str
) -> None:
    patient = _patient(furnished)
    (department,) = _departments(furnished, patient)
    with entering("administrator", language) as admin:
        # Given a senior who is named for the department
        admin.open("/safety/rules")
        admin.page.select_option("#f-department", department)
        admin.page.select_option("#f-senior", "demo-senior-physician")
        admin.follow(admin.button("指定该上级医师", "Name this senior"))
    with open_house(furnished.settings) as house:
        draft = propose(house, patient, _said("in dispute"), RiskClass.HIGH)
    with entering("physician", language) as doctor:
        # When a physician rejects a draft of high risk
        doctor.open(f"/inbox/{draft}")
        doctor.main.locator("summary", has_text=doctor.say("否决", "Reject")).click()
        doctor.page.select_option("[name=reason]", "recipient-disagrees-evidence")
        doctor.page.fill("[name=comment]", CORRECTED)
        doctor.follow(doctor.button("否决该草稿", "Reject the draft"))
    with entering("senior-physician", language) as senior:
        # Then the senior finds a case with both sides, and decides it
        senior.open("/inbox")
        senior.follow(senior.main.locator("a[href='/safety/reviews']"))
        case = f"/safety/cases/{_case(furnished, draft)}"
        senior.follow(senior.main.locator(f"a[href='{case}']"))
        senior.reads(CORRECTED, senior.say("不同意其证据", "I disagree with the evidence"))
        senior.page.check("[name=outcome][value=rejection-stands]")
        senior.page.select_option("[name=root]", "data-missing")
        senior.page.fill("[name=reasoning]", WHY)
        senior.follow(senior.button("给出裁定", "Give the outcome"))
        senior.reads(WHY, senior.say("否决正确", "The rejection was right"))
    with entering("physician", language) as doctor:
        # And the physician sees the outcome
        doctor.open("/safety/reviews")
        doctor.follow(doctor.main.locator(f"a[href='{case}']"))
        doctor.reads(WHY, doctor.say("数据缺失或过时", "Data were missing or old"))
        assert doctor.main.locator("form[action$='/outcome']").count() == 0
    with entering("auditor", language) as auditor:
        # And the quality office its cause, without the words
        auditor.open("/safety/adjudication")
        auditor.reads(auditor.say("数据缺失或过时", "Data were missing or old"))
        assert WHY not in auditor.page.content()


def _patient(furnished: Furnished) -> str:
    """Somebody of one department only, of whom nothing is labelled sensitive."""
    rows = furnished.rows(
        "select patient from chart.patient where departments in ('{nephrology}',"
        " '{endocrinology}', '{cardiology}', '{general-medicine}') and sensitivity = '{}'"
        " and active order by patient limit 1"
    )
    return rows[0]["patient"]


def _earlier_pack(
    furnished: Furnished, patient: str, version: str
) -> tuple[ModelRef, list[str], str]:
    """An earlier rule pack of the workstation, two drafts of it, and another system's token."""
    with open_house(furnished.settings) as house:
        card = replace(MODEL_CARD, version=version)
        model = house.floor.registry.register(card, uuid4().hex * 2)
        drafts = [
            propose(house, patient, _said(what), RiskClass.MEDIUM, model=model)
            for what in ("stands", "is wrong")
        ]
        token = house.floor.clients.issue(
            "journey",
            scopes=["system/*.read"],
            departments=_departments(furnished, patient),
            expires_at=house.floor.clock() + timedelta(days=1),
            by=INSTALLER,
        ).token
    return model, drafts, token


def _departments(furnished: Furnished, patient: str) -> list[str]:
    rows = furnished.rows("select departments from chart.patient where patient = %s", patient)
    return rows[0]["departments"]


def _said(what: str) -> Words:
    mark = uuid4().hex[:8]
    return Words(f"Potassium {mark}: {what}", f"血钾 {mark}：{what}")


def _signs(doctor: Person, draft: str) -> None:
    doctor.open(f"/inbox/{draft}")
    doctor.button("按原文签署", "Sign as it stands").click()
    doctor.answers_yes("confirm-sign")


def _reviews(doctor: Person, furnished: Furnished, draft: str, answer: str) -> None:
    task = furnished.rows("select id from signoff.recall_task where draft_id = %s", draft)[0]["id"]
    doctor.open("/safety/reviews")
    doctor.follow(doctor.main.locator(f"a[href='/safety/reviews/{task}']"))
    doctor.page.check(f"[name=answer][value={answer}]")
    doctor.page.fill("[name=comment]", WHY)
    doctor.follow(doctor.button("答复", "Answer"))


def _answer(doctor: Person, draft: str) -> str:
    return (
        doctor.main.locator("article.answer-signed")
        .filter(has=doctor.page.locator(f"a[href='/inbox/{draft}']"))
        .inner_text()
    )


def _case(furnished: Furnished, draft: str) -> str:
    rows = furnished.rows("select id from signoff.adjudication where draft_id = %s", draft)
    return rows[0]["id"]


def _tags(base: str, token: str, furnished: Furnished, drafts: list[str]) -> list[dict[str, str]]:
    """The labels of the first version of each answer, as another system reads it."""
    found: list[dict[str, str]] = []
    for draft in drafts:
        row = furnished.rows(
            "select v.type, v.id from chart.version v join release.released r"
            " on r.id = v.release_id where r.draft_id = %s and v.type <> 'Provenance'",
            draft,
        )[0]
        answer = httpx.get(
            f"{base}/fhir/{row['type']}/{row['id']}/_history/1",
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.text
        found += answer.json()["meta"].get("tag", [])
    return found
