"""Questions with given answers: MIRAGE's letters, PubMedQA's yes, no or maybe."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.answers import label, letter
from countersign.rooms.modelbench.domain.study.items import Item, Scored

from .spec import MedicalSet, Row

_SEEN = Words(
    "Public for years and probably in the training data of most language models: differences "
    "between models may show memory rather than medicine.",
    "公开多年，多数语言模型的训练数据很可能包含本题集：模型间差异可能反映记忆而非医学能力。",
)
_DOMAIN = Words(
    "The file carries a public-domain notice; its parts have licences of their own. Research use.",
    "文件声明为公有领域；各子集另有许可。供研究使用。",
)
_PARTS = {
    "medqa": Words(
        "MIRAGE · MedQA (US licensing examination)", "MIRAGE · MedQA（美国执业医师考试）"
    ),
    "medmcqa": Words(
        "MIRAGE · MedMCQA (Indian entrance examination)", "MIRAGE · MedMCQA（印度入学考试）"
    ),
    "pubmedqa": Words("MIRAGE · PubMedQA without the abstract", "MIRAGE · PubMedQA（不给摘要）"),
    "bioasq": Words("MIRAGE · BioASQ yes or no", "MIRAGE · BioASQ 是非题"),
    "mmlu": Words("MIRAGE · MMLU medicine", "MIRAGE · MMLU 医学部分"),
}


def lettered(item: Item, text: str) -> Scored:
    """One letter of the options."""
    found = letter(text, item.choices)
    if found is None:
        return Scored(0.0, unreadable=True)
    return Scored(float(found == item.gold[0]), found)


def labelled(item: Item, text: str) -> Scored:
    """One label of those that were offered."""
    found = label(text, item.choices)
    if found is None:
        return Scored(0.0, unreadable=True)
    return Scored(float(found == item.gold[0]), found)


def _mirage(part: str) -> Callable[[Sequence[Row], Sequence[Row]], list[Item]]:
    def items(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
        return [
            Item(
                id=str(key),
                values={
                    "question": one["question"],
                    "options": "\n".join(f"{key}. {text}" for key, text in one["options"].items()),
                },
                gold=(one["answer"],),
                choices=tuple(one["options"]),
            )
            for row in rows
            for key, one in row[part].items()
        ]

    return items


def _pubmedqa(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
    return [
        Item(
            id=str(row["pmid"]),
            values={"context": "\n".join(row["contexts"]), "question": row["question"]},
            gold=(row["decision"],),
            choices=("yes", "no", "maybe"),
        )
        for row in rows
        if row["official_test"]
    ]


MIRAGE = tuple(
    MedicalSet(
        name=f"mirage-{part}",
        title=title,
        file="knowledge/mirage.json.gz",
        measure="accuracy",
        prompt="letters",
        licence=_DOMAIN,
        contamination=_SEEN,
        items=_mirage(part),
        score=lettered,
    )
    for part, title in _PARTS.items()
)

PUBMEDQA = MedicalSet(
    name="pubmedqa",
    title=Words("PubMedQA, official test (abstract given)", "PubMedQA 官方测试集（给出摘要）"),
    file="knowledge/pubmedqa.jsonl.gz",
    measure="accuracy",
    prompt="abstract",
    licence=Words("MIT", "MIT 许可"),
    contamination=_SEEN,
    items=_pubmedqa,
    score=labelled,
)
