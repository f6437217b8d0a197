"""The words around the quotations, in both languages; what documents say is never reworded."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.kit.words import Language, Words

from .assistant import Assistant
from .differing import Differing
from .measuring import Missing
from .points import Known
from .selecting import Chosen, Part

PATH = Words(
    "Put together by rules from quotations and this chart; no language model took part.",
    "由规则依据引文与本病历整理，未使用语言模型。",
)
NO_CONFIDENCE = Words(
    "Quotations carry no probability: a passage speaks of these facts or it does not, and whether "
    "it should be followed is for the physician to judge.",
    "引文不附概率：段落或涉及这些事实，或不涉及；是否采纳由医师判断。",
)
_SEX = {"male": Words("male", "男性"), "female": Words("female", "女性")}
_UNKNOWN = Words("age not known", "年龄不详")
_SHOWN = 6
"""Facts that one line names."""


def title(assistant: Assistant, about: Sequence[Known]) -> Words:
    """Of the draft: the assistant, and the problems that its passages are about."""
    en = ", ".join(dict.fromkeys(one.label.en for one in about[:3])) or "results of this chart"
    zh = "、".join(dict.fromkeys(one.label.zh for one in about[:3])) or "本病历检查结果"
    return Words(
        f"{assistant.title.en}: recommendation for {en}", f"{assistant.title.zh}：{zh}的建议"
    )


def text(
    age: int | None,
    sex: str,
    knowns: Sequence[Known],
    parts: Sequence[Part],
    missing: Sequence[Missing],
    differing: Sequence[Differing],
) -> Words:
    """The whole draft; quotations stand in both languages as they are written."""
    en, zh = [PATH.en], [PATH.zh]
    who = _who(age, sex)
    en.append(f"Patient: {'; '.join([who.en, *(one.label.en for one in knowns)])}.")
    zh.append(f"患者：{'；'.join([who.zh, *(one.label.zh for one in knowns)])}。")
    for part in parts:
        en.append(f"{part.title.en}:")
        zh.append(f"【{part.title.zh}】")
        for one in part.chosen:
            en.append(f"[{one.number}] “{one.point.words}” ({because(one).en})")
            zh.append(f"[{one.number}] “{one.point.words}”（{because(one).zh}）")
    if missing:
        en.append(f"To complete: {'; '.join(one.words.en for one in missing)}.")
        zh.append(f"待补充：{'；'.join(one.words.zh for one in missing)}。")
    if differing:
        en.append(f"Documents differ: {'; '.join(apart(one).en for one in differing)}.")
        zh.append(f"文档之间不一致：{'；'.join(apart(one).zh for one in differing)}。")
    return Words("\n".join(en), "\n".join(zh))


def because(one: Chosen) -> Words:
    """From which document it is, and what made it apply."""
    source = one.point.source
    en = ", ".join(fact.label.en for fact in one.facts[:_SHOWN])
    zh = "、".join(fact.label.zh for fact in one.facts[:_SHOWN])
    return Words(
        f"{source.title}, {source.heading}; because of {en}",
        f"《{source.title}》{source.heading}；依据：{zh}",
    )


def apart(one: Differing) -> Words:
    """What two sentences say of the same thing."""
    (first, mine), (second, theirs) = one.first, one.second
    return Words(
        f"{one.term}: {mine} {one.unit} in [{first.number}], {theirs} {one.unit} in "
        f"[{second.number}]",
        f"“{one.term}”：[{first.number}] 为 {mine} {one.unit}，[{second.number}] 为 {theirs} "
        f"{one.unit}",
    )


def rationale(assistant: Assistant) -> Words:
    """How the sentences were chosen."""
    return Words(
        f"Quoted are sentences of documents of the collection “{assistant.title.en}” that are "
        "about a problem in this chart (by ICD-10 code or name), or that an abnormal result "
        "brought and that name this result. In each section those that name "
        "the patient's own medicines, results or problems come first. Sentences that speak of "
        "another sex, another age, of children or of pregnancy were left out. "
        f"{PATH.en}",
        f"引用的是“{assistant.title.zh}”文档集中与本病历诊断有关（按 ICD-10 编码或名称）的文档，"
        "或由异常结果检出且提及该结果的语句。各部分中，提及该患者本人用药、结果或诊断的语句在前；"
        f"针对异性、其他年龄、儿童或妊娠的语句已略去。{PATH.zh}",
    )


def limits(
    chosen: Sequence[Chosen],
    missing: Sequence[Missing],
    unmatched: Sequence[Known],
    language: Language,
) -> tuple[Words, ...]:
    """What this very answer does not know."""
    found = [
        Words(
            "Nothing was weighed: the conditions that a sentence names (a size, a score, a stage) "
            "were not checked against this patient, and a sentence may need the one before it. "
            "Letters, notes and images were not read.",
            "未作权衡：语句所设条件（大小、评分、分期等）未与该患者逐一核对，语句可能须结合上文理解；"
            "未读取病程记录、信函及影像。",
        )
    ]
    documents = {one.point.source.document: one.point.source for one in chosen}
    new = [one.title for one in documents.values() if not one.reviewed]
    if new:
        found.append(
            Words(
                f"Nobody of this hospital has reviewed {', '.join(new)}.",
                f"以下文档尚无本院人员审阅：{'、'.join(new)}。",
            )
        )
    if any(one.point.source.language != language for one in chosen):
        found.append(
            Words(
                "Some documents exist in the other language only; they are quoted as written.",
                "部分文档仅有另一种语言版本，按原文引用。",
            )
        )
    if missing:
        found.append(
            Words(
                f"Missing or old: {'; '.join(one.words.en for one in missing)}.",
                f"缺失或过期：{'；'.join(one.words.zh for one in missing)}。",
            )
        )
    if unmatched:
        found.append(
            Words(
                "No document of the collection says anything of: "
                f"{', '.join(one.label.en for one in unmatched)}.",
                f"文档集中没有涉及：{'、'.join(one.label.zh for one in unmatched)}。",
            )
        )
    return tuple(found)


def _who(age: int | None, sex: str) -> Words:
    said = _SEX.get(sex)
    years = Words(f"{age} years", f"{age} 岁") if age is not None else _UNKNOWN
    return Words(f"{years.en}, {said.en}", f"{years.zh}，{said.zh}") if said else years
