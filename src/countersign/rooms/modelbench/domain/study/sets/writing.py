"""Free text: reports of IMCS consultations, answers of RJUA, the hospital's own signed cases."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.answers import field_of, parts, plain
from countersign.rooms.modelbench.domain.study.items import Item, Scored
from countersign.rooms.modelbench.domain.study.scores import best_rouge_l, set_f1, soft_set_f1

from .spec import MedicalSet, Row

SECTIONS = ("主诉", "现病史", "辅助检查", "既往史", "诊断", "建议")
_DISEASE, _ADVICE = ("疾病", "诊断"), ("建议", "处理", "治疗")
OWN = "own-signed"
"""The name of the set of the hospital's own signed cases."""


def _imcs(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
    return [
        Item(
            id=str(row["id"]),
            values={"dialogue": row["dialogue"]},
            gold=tuple(_report(one) for one in row["reports"]),
        )
        for row in rows
    ]


def _report(sections: Row) -> str:
    return "\n".join(f"{name}：{sections[name]}" for name in SECTIONS if name in sections)


def report(item: Item, text: str) -> Scored:
    """ROUGE-L beside the nearer of the two references; a report without sections is unreadable."""
    said = plain(text)
    if sum(f"{name}:" in said or f"{name}：" in said for name in SECTIONS) < 3:
        return Scored(0.0, unreadable=True)
    return Scored(best_rouge_l(said, item.gold))


def _rjua(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
    return [
        Item(
            id=str(row["id"]),
            values={"question": row["question"], "context": row["context"]},
            gold=(str(row["disease"]).strip(), str(row["advice"]).strip()),
        )
        for row in rows
    ]


def urology(item: Item, text: str) -> Scored:
    """(2 × F1 of diseases + F1 of advice) / 3; diseases exactly, advice by its nearest phrase."""
    diseases = field_of(text, _DISEASE, _ADVICE)
    advice = field_of(text, _ADVICE, _DISEASE)
    if diseases is None or advice is None:
        return Scored(0.0, unreadable=True)
    f1_disease = set_f1(parts(diseases), parts(item.gold[0]))
    f1_advice = soft_set_f1(parts(advice), parts(item.gold[1]))
    return Scored((2 * f1_disease + f1_advice) / 3)


def signed(item: Item, text: str) -> Scored:
    """ROUGE-L beside what the physician signed."""
    said = plain(text)
    if not said:
        return Scored(0.0, unreadable=True)
    return Scored(best_rouge_l(said, item.gold))


def _signed(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
    return [
        Item(str(row["id"]), {"facts": row["facts"], "title": row["title"]}, (row["signed"],))
        for row in rows
    ]


IMCS = MedicalSet(
    name="imcs-report",
    title=Words("IMCS · report of a consultation", "IMCS · 问诊报告"),
    file="records/imcs21.jsonl.gz",
    measure="rouge-l",
    prompt="imcs-report",
    licence=Words(
        "The carrier states no licence: for measuring only, never shipped.",
        "来源未声明许可：仅用于测量，不随软件分发。",
    ),
    contamination=Words(
        "Public since 2021; the two references differ in style and repeat phrases, so that a high "
        "score is style as well as content.",
        "2021 年起公开；两份参考报告风格不同且有套话，高分既是内容也是文风。",
    ),
    items=_imcs,
    score=report,
)

RJUA = MedicalSet(
    name="rjua",
    title=Words("RJUA · urology, guideline text given", "RJUA · 泌尿外科（给出指南原文）"),
    file="knowledge/rjua_valid.jsonl.gz",
    measure="rjua",
    prompt="rjua",
    licence=Words("CC BY 4.0", "CC BY 4.0"),
    contamination=Words(
        "Public since 2023; newer models may have seen it. The patients are invented by doctors.",
        "2023 年起公开；较新的模型可能见过。病例由医生编写。",
    ),
    items=_rjua,
    score=urology,
)

SIGNED = MedicalSet(
    name=OWN,
    title=Words("The hospital's own signed cases", "本院已签署病例"),
    file="",
    measure="rouge-l",
    prompt="own-signed",
    licence=Words(
        "The hospital's own; read by the study alone and kept only as scores.",
        "本院所有；仅供研究读取，只保存分数。",
    ),
    contamination=Words(
        "No model of the market has seen them. A model whose drafts were signed is favoured: its "
        "own wording is the reference where nobody changed it.",
        "市面模型均未见过。草稿曾被签署的模型占优：未被修改之处其措辞即为参考。",
    ),
    items=_signed,
    score=signed,
)
