"""What the rule pack is for, what it is not for, and what was measured, as plain words."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words

from . import sources
from .sources import Source


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: of whom, what, how much, and on which data."""

    group: Words
    measure: Words
    value: str
    on: Words


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """What was not measured, and why."""

    group: Words
    why: Words


@dataclass(frozen=True, slots=True)
class Card:
    """The content of a model card; ``data`` are pairs of a name and a licence."""

    name: str
    version: str
    title: Words
    intended_use: Words
    not_for: Words
    data: tuple[tuple[Words, str], ...]
    measured: tuple[Measured, ...]
    not_measured: tuple[NotMeasured, ...]
    limits: tuple[Words, ...]
    owner: str
    sources: tuple[Source, ...]


_SYNTHEA = Words(
    "150 invented US charts of the Synthea generator (version 2.4), read as of 1 March 2021",
    "Synthea生成器（2.4版）的150份虚构美国病历，以2021年3月1日为准",
)
_ADULTS = Words("living invented adults", "在世的虚构成人")


def _found(en: str, zh: str, value: str) -> Measured:
    return Measured(_ADULTS, Words(en, zh), value, _SYNTHEA)


_MEASURED = (
    _found("findings in 103 living charts, all kinds", "103份在世病历中的发现总数", "106"),
    _found(
        "findings by kind",
        "按类别的发现数",
        "hba1c 1; kidney-stage 20; metformin 1; nsaid 2; pressure 48; results 29; warfarin 5",
    ),
    _found("most findings in one chart", "单份病历最多发现数", "4"),
    _found("living charts without a finding", "无发现的在世病历数", "27"),
    Measured(
        Words("deceased invented adults", "已故的虚构成人"),
        Words("findings in 47 charts", "47份病历中的发现数"),
        "0",
        _SYNTHEA,
    ),
    Measured(
        Words("both sexes, 18 to 110 years", "两性，18–110岁"),
        Words(
            "largest relative difference of eGFR from a second implementation",
            "eGFR与另一独立实现的最大相对误差",
        ),
        "< 1e-9",
        Words("creatinine 0.1 to 25 mg/dL, by property test", "肌酐0.1–25 mg/dL，性质测试"),
    ),
)
_NOT_MEASURED = (
    NotMeasured(
        Words("patients of any hospital", "任何医院的真实患者"),
        Words(
            "No charts of real patients with a clinician's judgement were available: how often "
            "the rules are right, and what they miss, is not known.",
            "没有附临床医师判断的真实病历：规则的准确率与漏报率未知。",
        ),
    ),
    NotMeasured(
        Words("children, pregnancy, dialysis", "儿童、妊娠、透析"),
        Words(
            "Most rules stay silent there by design.", "按设计，多数规则在这些人群中不给出结论。"
        ),
    ),
)

CARD = Card(
    name="results-review",
    version="1.1.0",
    title=Words("Review of results by published rules", "基于公开规则的检验结果回顾"),
    intended_use=Words(
        "Reads one adult patient's chart and drafts, for a physician to sign, change or reject: "
        "critical values, acute kidney injury, kidney staging, HbA1c and blood pressure against "
        "targets, conflicts of medicines with results, and a list of abnormal results.",
        "读取一名成年患者的病历，起草供医师签署、修改或拒绝的内容：危急值、急性肾损伤、肾功能分期、"
        "糖化血红蛋白与血压达标、药物与检验结果的冲突，以及异常结果列表。",
    ),
    not_for=Words(
        "Not a substitute for the laboratory's own notification of critical values, not a "
        "diagnosis, not an order, not a check of doses or of interactions between medicines, not "
        "for children, pregnancy or dialysis.",
        "不替代检验科的危急值通报；不是诊断，不是医嘱；不核查剂量及药物间相互作用；"
        "不用于儿童、妊娠及透析患者。",
    ),
    data=(
        (
            Words(
                "None: the rules are written from publications and learnt from no patient.",
                "无：规则依据公开文献编写，未从任何患者数据学习。",
            ),
            "not applicable",
        ),
        (
            Words(
                "Tried during development on 150 invented charts of the Synthea generator.",
                "开发中在Synthea生成器的150份虚构病历上试用。",
            ),
            "Apache-2.0",
        ),
    ),
    measured=_MEASURED,
    not_measured=_NOT_MEASURED,
    limits=(
        Words(
            "Knows only what the chart holds in FHIR: LOINC codes, readable units, medicines that "
            "name their substance or a common brand. A rarer brand, a local code or free text is "
            "not read.",
            "仅识别病历中的FHIR数据：LOINC编码、可识别的单位、写明成分或常用商品名的药物；少见商品名、"
            "本地编码或自由文本的内容不识别。",
        ),
        Words(
            "Default critical limits are means of a US survey of 1990; a hospital should set its "
            "own.",
            "默认危急值为1990年美国调查的均值，医院应设定本院界值。",
        ),
        Words(
            "Usual reference intervals stand in where a result came without its own.",
            "结果未附参考区间时以通用区间代替。",
        ),
        Words(
            "Fixed rules give no probability and cannot weigh one patient's circumstances.",
            "固定规则不给出概率，也无法权衡个体情况。",
        ),
    ),
    owner="Medical quality office （医务与质量管理部门）",
    sources=(
        sources.KOST_1990,
        sources.KDIGO_AKI,
        sources.NHS_AKI,
        sources.INKER_2021,
        sources.KDIGO_CKD,
        sources.KDIGO_CKD_2012,
        sources.ADA_2025,
        sources.CDS_2020,
        sources.CHINA_BP_2024,
        sources.FDA_METFORMIN,
        sources.AHA_HF_2022,
        sources.ACC_HF_2013,
        sources.NICE_CKD,
        sources.UKKA_POTASSIUM,
        sources.ANTONIOU_2010,
        sources.CHEST_2012,
        sources.ESC_LIPIDS,
        sources.SPASOVSKI_2014,
        sources.ISTH_2005,
        sources.LO_2006,
        sources.WST,
        sources.HOELZEL_2004,
    ),
)
