"""An auditor asks why a chart was opened, whether it would be now, and who may see a patient."""

from __future__ import annotations

from pathlib import Path

import pytest

from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import waiting

pytestmark = pytest.mark.browser

PHYSICIAN = "周演清"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_auditor_asks_why_and_who(
    entering: Enter, furnished: Furnished, tmp_path: Path, language: str
) -> None:
    # Given a physician who read a chart and was refused another
    patient = waiting(furnished).patient
    stranger = furnished.rows(
        "select patient from chart.patient where not departments && %s limit 1",
        ["general-medicine", "cardiology", "nephrology", "endocrinology"],
    )[0]["patient"]
    with entering("physician", language) as doctor:
        doctor.open(f"/charts/{patient}")
        doctor.window.page.request.get(f"{doctor.window.base}/charts/{stranger}")
    with entering("auditor", language) as auditor:
        # When the auditor opens the step and asks why
        auditor.open(f"/audit?patient={patient}&kind=chart-viewed")
        auditor.follow(auditor.main.locator("tbody tr a").first)
        auditor.follow(auditor.link("解释此判定", "Explain this decision"))
        # Then the rule stands there in a sentence, with its text one press away
        auditor.reads(PHYSICIAN, auditor.say("已允许：", "Allowed:"))
        auditor.main.locator("summary").first.click()
        assert "permit" in auditor.main.locator("details pre").first.inner_text()
        # And a refusal says what would have opened the chart
        auditor.open(f"/audit?patient={stranger}&kind=access-denied")
        auditor.follow(auditor.main.locator("tbody tr a").first)
        auditor.follow(auditor.link("解释此判定", "Explain this decision"))
        auditor.reads(
            auditor.say("已拒绝：", "Refused:"),
            auditor.say(
                "若该人员属于该患者的照护团队。",
                "If the person had been in the care team of this patient.",
            ),
        )
        # When the auditor asks the policy itself
        auditor.open("/audit/question")
        field = auditor.page.locator("[name=who]")
        field.select_option(label=field.locator("option", has_text=PHYSICIAN).first.inner_text())
        auditor.page.fill("[name=patient]", stranger)
        auditor.follow(auditor.button("询问访问策略", "Ask the policy"))
        auditor.reads(auditor.say("将被拒绝：", "It would be refused:"))
        # When the auditor asks who may see the patient
        auditor.open("/audit/patients")
        auditor.page.fill("main [name=patient]", patient)
        auditor.follow(auditor.button("显示", "Show"))
        auditor.reads(PHYSICIAN)
        auditor.follow(auditor.link("已查看", "Did see"))
        auditor.follow(auditor.link("最近查看", "Last seen"))
        auditor.reads(PHYSICIAN)
        with auditor.page.expect_download() as download:
            auditor.button("下载完整列表（CSV）", "Download the whole list (CSV)").click()
        listed = tmp_path / "list.csv"
        download.value.save_as(listed)
        assert PHYSICIAN in listed.read_text(encoding="utf-8-sig")
        # Then each look is itself in the ledger
        auditor.open("/audit?kind=decision-explained")
        assert auditor.main.locator("tbody tr").count() >= 5
