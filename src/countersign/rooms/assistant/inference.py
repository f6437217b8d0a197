"""The drafting rules as a registered model: their card, their digest and how they are run."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.models import (
    Dataset,
    Measured,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
    digest_of,
    load_prompt,
)
from countersign.kit.words import Words

DIGEST = digest_of([Path(__file__).parent / "domain"])
_RJUA = Words(
    "211 questions of urology patients (RJUA-QA, validation part), question as written, no chart",
    "211 个泌尿外科患者提问（RJUA-QA 验证部分），按原文提问，无病历",
)
_BENCH = Words("make bench NAME=urology, 26 November 2026", "make bench NAME=urology，2026-11-26")

MODEL_CARD = ModelCard(
    name="evidence-draft",
    version="1.0.0",
    kind=ModelKind.RULES,
    title=Words("Recommendation from quotations", "引文建议"),
    intended_use=Words(
        "Puts sentences of the hospital's own documents that are about a patient's problems or "
        "results beside that patient's facts, as a draft for a physician to sign, change or "
        "reject. Every sentence is quoted word for word with its document, version and place.",
        "将本院文档中与患者诊断或结果有关的语句与该患者的情况并列，起草供医师签署、修改或否决的建议。"
        "每句均逐字引用，并注明文档、版本和位置。",
    ),
    not_for=Words(
        "No diagnosis, no order, no check of doses. It does not weigh one sentence against "
        "another or check the conditions that a sentence names.",
        "不作诊断，不下医嘱，不核查剂量；不在语句之间权衡，也不核对语句所设的条件。",
    ),
    data=(
        Dataset(
            Words(
                "None: the rules were written by hand and learnt from no patient.",
                "无：规则由人工编写，未从任何患者数据学习。",
            ),
            "not applicable",
        ),
    ),
    performance=(
        Measured(_RJUA, Words("disease F1 of the draft", "草稿的疾病 F1"), "0.14", _BENCH),
        Measured(_RJUA, Words("ROUGE-L of the advice", "建议的 ROUGE-L"), "0.05", _BENCH),
        NotMeasured(
            Words("patients of any hospital", "任何医院的真实患者"),
            Words(
                "No charts with recommendations that physicians agreed on were available.",
                "没有附医师一致认可之建议的真实病历可供测量。",
            ),
        ),
    ),
    limits=(
        Words(
            "Knows coded problems, medicines by their substance and the measures that the "
            "assistant's file names; notes, letters and images are not read.",
            "仅识别编码诊断、写明成分的药物及助手文件所列指标；不读取病程记录、信函及影像。",
        ),
        Words(
            "A sentence that names a condition (a size, a stage) is quoted whether or not the "
            "patient meets it.",
            "含有条件（大小、分期等）的语句，无论患者是否符合均会引用。",
        ),
        Words(
            "It can be no better than the documents: starting points are unreviewed until a "
            "reviewer of the hospital has read them.",
            "其质量取决于文档：起点内容在本院审阅人阅读之前均为未审阅。",
        ),
    ),
    owner="Medical quality office （医务与质量管理部门）",
    sources=(Source("Countersign, decision 0037: drafts from quotations alone", "2026-11-26"),),
)
MODEL = ModelRef(MODEL_CARD.name, MODEL_CARD.version, DIGEST)
_RECOMMEND = load_prompt(Path(__file__).parent / "prompts" / "recommend.toml", "assistant")
RECOMMEND = _RECOMMEND.prompt
CARDS = ((MODEL_CARD, DIGEST), (_RECOMMEND.card, _RECOMMEND.digest))
