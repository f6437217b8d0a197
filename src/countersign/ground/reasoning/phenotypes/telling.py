"""Says in both languages what the likelihood ratio of a finding rests on."""

from __future__ import annotations

from countersign.kit.words import Words

from .matching import Kind
from .profile import UNSAID


def seen(share: float, of: int) -> Words:
    """How often the disease shows it: counted, estimated or unsaid."""
    if of > 0:
        n = round(share * of)
        people = "patient" if of == 1 else "patients"
        return Words(f"in {n} of {of} published {people}", f"已发表的 {of} 例中 {n} 例有")
    if of == UNSAID:
        return Words(
            "described, without saying how often; taken as half",
            "有描述，但未说明频率；按半数计",
        )
    percent = f"{share * 100:.0f} %"
    return Words(f"in about {percent} of patients, by estimate", f"估计约 {percent} 的患者有")


def supports(kind: Kind, shared: Words, how_often: Words) -> Words:
    """For a finding that is there."""
    if kind is Kind.SAME:
        return how_often
    if kind is Kind.NARROWER:
        return Words(
            f"the disease has {shared.en}, which is a form of it: {how_often.en}",
            f"该病有“{shared.zh}”，属于此表现：{how_often.zh}",
        )
    return Words(
        f"only akin: both are {shared.en}, which the disease shows {how_often.en}",
        f"仅相近：同属“{shared.zh}”，该病{how_often.zh}",
    )


NOT_DESCRIBED = Words("not described in this disease", "该病未见此表现的描述")
NOT_EXPECTED = Words("absent, and not described in this disease", "未出现，该病亦未见此表现的描述")


def speaks_against(how_often: Words) -> Words:
    """For a finding that was looked for and is not there."""
    return Words(
        f"absent, though the disease shows it {how_often.en}", f"未出现，而该病{how_often.zh}"
    )


def gene_linked(gene: str) -> Words:
    """For a gene that was given and is tied to the disease."""
    return Words(
        f"a variant in {gene} was given, and the disease is tied to that gene",
        f"已提供 {gene} 基因变异，该病与此基因相关",
    )


NOTHING_KNOWN = Words(
    "These data do not allow an answer: no finding of the patient is a term of the ontology.",
    "这些数据不足以得出答案：没有一项患者的表现属于本体中的术语。",
)
ONLY_ABSENT = Words(
    "These data do not allow an answer: only absent findings are known.",
    "这些数据不足以得出答案：仅有阴性表现。",
)
UNSPECIFIC = Words(
    "These data do not allow an answer: the findings are so common among rare diseases that"
    " they tell none of them apart. Add a finding that is particular.",
    "这些数据不足以得出答案：现有表现在罕见病中过于常见，无法区分。请补充具有特征性的表现。",
)
NO_PRIOR = Words(
    "every rare disease alike: prevalences are not in the annotations",
    "各罕见病一律相等：注释中没有患病率",
)
