"""Tasks of CBLUE: intents, relevance, trial criteria, similar questions, normal terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.answers import parts, plain
from countersign.rooms.modelbench.domain.study.items import Item, Scored
from countersign.rooms.modelbench.domain.study.scores import set_f1

from .choosing import labelled
from .nearest import Nearest
from .spec import Measure, MedicalSet, Row

_LICENCE = Words(
    "The carrier states no licence: for measuring only, never shipped.",
    "来源未声明许可：仅用于测量，不随软件分发。",
)
_SEEN = Words(
    "Part of a public training split: instruction-tuned Chinese models may have seen it with its "
    "answers.",
    "属公开训练集：经指令微调的中文模型可能见过题目及答案。",
)
CANDIDATES = 20
"""Standard terms that are offered for one written diagnosis."""


def _classes(
    fields: Sequence[str],
) -> Callable[[Sequence[Row], Sequence[Row]], list[Item]]:
    """Rows with texts and one label; the labels are all that the file holds."""

    def items(rows: Sequence[Row], _beside: Sequence[Row]) -> list[Item]:
        labels = tuple(sorted({str(row["label"]) for row in rows}))
        listed = "、".join(labels)
        seen: set[tuple[str, ...]] = set()
        found: list[Item] = []
        for row in rows:
            texts = tuple(str(row[name]) for name in fields)
            if texts in seen:
                continue  # repeated rows would count one question twice
            seen.add(texts)
            values = {f"text{place}": text for place, text in enumerate(texts, 1)}
            found.append(
                Item(str(row["id"]), {**values, "labels": listed}, (str(row["label"]),), labels)
            )
        return found

    return items


def _normal(rows: Sequence[Row], beside: Sequence[Row]) -> list[Item]:
    """A written diagnosis with the standard names that share most of its characters."""
    nearest = Nearest(str(row["name"]) for row in beside)
    return [
        Item(
            id=f"r{place}",
            values={
                "text1": row["text"],
                "candidates": "\n".join(nearest.to(row["text"], CANDIDATES)),
            },
            gold=tuple(str(row["normalized_result"]).split("##")),
        )
        for place, row in enumerate(rows, 1)
    ]


def terms(item: Item, text: str) -> Scored:
    """The set of standard names; only a blank answer cannot be read."""
    said = parts(plain(text).removeprefix("标准词").lstrip("：: "))
    if not said:
        return Scored(0.0, unreadable=True)
    return Scored(set_f1(said, item.gold))


def _task(
    name: str, title: Words, fields: Sequence[str], measure: Measure = "accuracy"
) -> MedicalSet:
    return MedicalSet(
        name=f"cblue-{name}",
        title=title,
        file=f"language/cblue_{name.upper()}_train.jsonl.gz",
        measure=measure,
        prompt=f"cblue-{name}",
        licence=_LICENCE,
        contamination=_SEEN,
        items=_classes(fields),
        score=labelled,
    )


CBLUE = (
    _task("qic", Words("CBLUE QIC · intent of a question", "CBLUE QIC · 问题意图"), ("query",)),
    _task(
        "qtr",
        Words("CBLUE QTR · relevance of a title", "CBLUE QTR · 标题相关性"),
        ("query", "title"),
    ),
    _task(
        "qqr",
        Words("CBLUE QQR · relation of two questions", "CBLUE QQR · 问题间关系"),
        ("query1", "query2"),
    ),
    _task(
        "ctc",
        Words("CBLUE CTC · class of a trial criterion", "CBLUE CTC · 临床试验筛选标准分类"),
        ("text",),
        "macro-f1",
    ),
    _task(
        "sts",
        Words("CBLUE STS · same meaning or not", "CBLUE STS · 语义是否相同"),
        ("text1", "text2"),
        "macro-f1",
    ),
    MedicalSet(
        name="cblue-cdn",
        title=Words("CBLUE CDN · standard names of diagnoses", "CBLUE CDN · 诊断标准词"),
        file="language/cblue_CDN_train.jsonl.gz",
        measure="set-f1",
        prompt="cblue-cdn",
        licence=_LICENCE,
        contamination=_SEEN,
        items=_normal,
        score=terms,
        beside="knowledge/icd10_zh.csv.gz",
    ),
)
