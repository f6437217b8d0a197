"""Bowel and breast cancer after operation."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.acts import operate
from countersign.app.demonstration.writing.care import plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY

_COLON = Words("Blood in the stool for two months", "便血2月")
_COLON_REVIEW = Words("Colon cancer, follow-up after operation", "结肠癌术后复诊")
_BREAST = Words("Lump in the left breast for two months", "发现左乳肿物2月")
_BREAST_REVIEW = Words("Breast cancer, follow-up after operation", "乳腺癌术后复诊")
_PLAN = (
    Words("Tumour markers every three months", "每3月复查肿瘤标志物"),
    Words("CT every year", "每年复查CT"),
)


def colon_cancer(story: Story) -> None:
    """Sigmoidectomy, chemotherapy by mouth, CEA back to normal."""
    body = story.body
    event = story.ago(story.years(1.6, 3.2)).replace(hour=10, minute=0)
    low = 98 if story.subject.female else 108
    body.course("cea", [(event, 18), (event + 60 * DAY, 3.4), (story.present, 2.6)])
    body.course("haemoglobin", [(event, low), (event + 200 * DAY, low + 22)])
    body.course("platelets", [(event, 260), (event + 120 * DAY, 150), (event + 300 * DAY, 205)])
    contact = admit(story, "general-surgery", event, 9.2, _COLON)
    contact.history = "2月前间断大便带血，大便变细，体重下降4 kg，肠镜见乙状结肠隆起型肿物。"
    found = diagnose(story, "colon-cancer", contact)
    operate(story, contact, "colonoscopy", event + timedelta(hours=5), 0.5, found)
    operate(story, contact, "colectomy", event + 2 * DAY, 2.6, found)
    contact.course = "病理：中分化腺癌，浸润肌层，区域淋巴结1/16转移。术后恢复顺利。"
    panels = ("count", "renal", "electrolytes", "liver", "clotting", "cea")
    stay(story, contact, panels, ("count",), "3周后肿瘤科门诊行辅助化疗。")
    since = (story.present - event) / DAY - 24
    visits = follow_up(story, "oncology", since, 120, _COLON_REVIEW)
    drug = prescribe(story, "capecitabine", visits[0], days=168, reason=found)
    drug.resource["note"] = [{"text": "每3周为1周期，服药2周、停药1周，共8周期（演示数据）"}]
    measure_height(story, visits[0])
    monitor(story, visits, [found], ("count", "cea"), ("liver", "renal"), notes=2)
    title = Words("Follow-up after colon cancer", "结肠癌术后随访计划")
    plan(story, visits[0], title, found, (), _PLAN)


def breast_cancer(story: Story) -> None:
    """Mastectomy, then letrozole for years."""
    body = story.body
    event = story.ago(story.years(1.8, 3.6)).replace(hour=10, minute=0)
    contact = admit(story, "general-surgery", event, 6.2, _BREAST)
    contact.history = "2月前自行触及左乳外上象限肿物，无疼痛，穿刺病理示浸润性癌。"
    found = diagnose(story, "breast-cancer", contact)
    operate(story, contact, "mastectomy", event + 1.2 * DAY, 2.1, found)
    contact.course = "病理：浸润性导管癌II级，ER（+），PR（+），HER2（-），淋巴结0/14。"
    panels = ("count", "renal", "electrolytes", "liver", "clotting")
    stay(story, contact, panels, ("count",), "4周后肿瘤科门诊开始内分泌治疗。")
    since = (story.present - event) / DAY - 28
    visits = follow_up(story, "oncology", since, 165, _BREAST_REVIEW)
    prescribe(story, "letrozole", visits[0], reason=found)
    prescribe(story, "calcium", visits[0])
    body.level("cea", 2.1)
    measure_height(story, visits[0])
    yearly = ("liver", "renal", "lipids", "electrolytes", "minerals")
    monitor(story, visits, [found], ("count", "cea"), yearly)
    title = Words("Follow-up after breast cancer", "乳腺癌术后随访计划")
    plan(story, visits[0], title, found, (), _PLAN)
