"""Makes the draft that holds the weighed list and, below it, what a language model added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from countersign.ground.models import ModelRef
from countersign.ground.signoff import Body, Explanation, NoConfidence, Opinion, Proposal
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.differential.inference import MODEL, Conclusion

from .drafting import Label, codings, told
from .suggesting import Further, Suggested

_NOT_WEIGHED = Words("named by a language model, not weighed", "由语言模型提出，未经加权")
_NO_CONFIDENCE = Words(
    "What a language model names carries no probability; those of the weighed list stand beside "
    "its own candidates.",
    "语言模型提出的诊断不附概率；加权列表的概率列于各自诊断旁。",
)
_LIMITS = (
    Words(
        "A language model may name what is not there and leave out what is. Its candidates were "
        "looked up in the knowledge base and the library; that they are known there does not make "
        "them likely.",
        "语言模型可能提出并不存在的疾病，也可能遗漏。其所提诊断已在知识库与文献库中核对；"
        "收录于其中并不表示可能性大。",
    ),
    Words(
        "The list of what must not be missed is that of the weighed list; the language model "
        "cannot shorten it.",
        "不可漏诊清单以加权列表为准，语言模型不能删减。",
    ),
)


def with_further(
    made: Proposal[Body], conclusion: Conclusion, suggested: Suggested, label: Label
) -> Proposal[Body]:
    """The proposal of the weighed list with the model's candidates added, as a draft of its own."""
    body = made.body
    added = _told(suggested.further, label)
    text = Words(f"{body.text.en}\n{added.en}", f"{body.text.zh}\n{added.zh}")
    (impression,) = body.resources
    return replace(
        made,
        topic=f"further|{made.topic}",
        fingerprint=f"{made.fingerprint}+{suggested.said.call}",
        body=Body(body.title, text, (_impression(impression, suggested.further, text),)),
        explanation=_explained(made.explanation, conclusion, suggested, added),
    )


def _told(further: Sequence[Further], label: Label) -> Words:
    if not further:
        return Words("A language model named nothing further.", "语言模型未提出其他诊断。")
    en, zh = ["Named by a language model, not weighed:"], ["由语言模型提出，未经加权："]
    for one in further:
        pro = [told(label, finding) for finding in one.pro]
        mark = _mark(one)
        en.append(f"{one.name} (for it: {', '.join(words.en for words in pro)}; {mark.en})")
        zh.append(f"{one.name}（支持：{'、'.join(words.zh for words in pro)}；{mark.zh}）")
    return Words("\n".join(en), "\n".join(zh))


def _mark(one: Further) -> Words:
    if one.rank is not None:
        return Words(f"number {one.rank} of the weighed list", f"加权列表第 {one.rank} 位")
    if one.known is not None:
        return Words(
            f"known as {one.known.id}, not in the weighed list",
            f"知识库编号 {one.known.id}，未进入加权列表",
        )
    if one.passage is not None:
        return Words("found in the library only", "仅见于文献库")
    return Words("not found in the knowledge base", "知识库中未收录")


def _impression(made: JSON, further: Sequence[Further], text: Words) -> JSON:
    found = [
        *made.get("finding", ()),
        *(
            {
                "itemCodeableConcept": {
                    **({"coding": codes} if (codes := _codes(one)) else {}),
                    "text": one.name,
                },
                "basis": _NOT_WEIGHED.en,
            }
            for one in further
            if one.rank is None
        ),
    ]
    impression = {**made, "summary": f"{text.zh}\n{text.en}"}
    return {**impression, "finding": found} if found else impression


def _codes(one: Further) -> list[JSON]:
    return codings(one.known.id, one.known.name) if one.known else []


def _explained(
    made: Explanation, conclusion: Conclusion, suggested: Suggested, added: Words
) -> Explanation:
    said = suggested.said
    return replace(
        made,
        rationale=Words(f"{made.rationale.en}\n{added.en}", f"{made.rationale.zh}\n{added.zh}"),
        limits=(*_LIMITS, *made.limits),
        confidence=NoConfidence(_NO_CONFIDENCE),
        model=said.model,
        inputs=(*made.inputs, said.prompt.label, MODEL.label),
        opinions=(_opinion(conclusion, suggested.further, said.model),),
    )


def _opinion(conclusion: Conclusion, further: Sequence[Further], model: ModelRef) -> Opinion:
    """How the weighed list stands to what the language model named."""
    shared = sum(one.rank is not None for one in further)
    stance = "agree" if shared == len(further) else "partly" if shared else "disagree"
    first = conclusion.ranking.candidates[:1]
    en = first[0].name.en if first else "nothing"
    zh = first[0].name.zh if first else "无"
    return Opinion(
        MODEL,
        stance,
        Words(
            f"The weighed list, made without {model.label}, holds {shared} of its "
            f"{len(further)} candidates and begins with {en}.",
            f"加权列表（未使用 {model.label}）含其所提 {len(further)} 项中的 {shared} 项，"
            f"首位为{zh}。",
        ),
    )
