"""The rule pack as it ships: read once from its files, with its digest and its model card."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from countersign.ground.models import (
    Dataset,
    Measured,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
    digest_of,
)
from countersign.kit import drugs
from countersign.kit.words import Words

from .domain import Pack, pack

HERE = Path(__file__).parent / "pack"
RULES = ("high_priority", "interactions", "patients", "doses", "duplicates")
NAME, VERSION = "medication-safety", "1.1.0"
DIGEST = digest_of([HERE, Path(__file__).parent / "domain", Path(drugs.__file__).parent])
MODEL = ModelRef(NAME, VERSION, DIGEST)


@lru_cache(maxsize=1)
def shipped() -> Pack:
    """The rules, classes and sources of this version. Raises BadRule for a file that is broken."""
    rules = [row for name in RULES for row in _read(name)["rule"]]
    found = pack(_read("classes"), _read("sources"), rules, _read("freshness")["days"])
    return Pack(found.rules, found.classes, found.sources, found.days, VERSION)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


MODEL_CARD = ModelCard(
    name=NAME,
    version=VERSION,
    kind=ModelKind.RULES,
    title=Words("Medication safety", "用药安全"),
    intended_use=Words(
        "Tells a physician, while an order is written, what is dangerous about it: allergy, "
        "interaction, dose, duplicate, pregnancy, breastfeeding, disease, QT; with source and "
        "what to do instead.",
        "医师开具医嘱时提示其危险之处：过敏、相互作用、剂量、重复用药、妊娠、哺乳、疾病与QT间期，"
        "并给出来源和替代办法。",
    ),
    not_for=Words(
        "It writes no order and approves none. Silence is no proof that an order is safe. It is "
        "no complete list of interactions and does not replace the pharmacist's review.",
        "不开具也不批准医嘱。无提示不代表医嘱安全；相互作用并不完整，不能替代药师审方。",
    ),
    data=(
        Dataset(
            Words(
                "No patient's data. Rules, classes and names written from the cited sources.",
                "未使用任何患者数据；规则、类别与名称依据所列文献自行编写。",
            ),
            "Apache-2.0",
        ),
    ),
    performance=(
        Measured(
            Words("1,930 high-priority pairs", "1930对高优先级相互作用"),
            Words("found, ordered either way round", "两个方向开具均发现"),
            "1930 of 1930",
            Words("benchmark drug_safety", "基准测试 drug_safety"),
        ),
        NotMeasured(
            Words("Patients of a hospital", "医院真实患者"),
            Words(
                "No hospital has tried it; how often an alert prevents harm is not known.",
                "尚无医院试用；警示避免伤害的频率未知。",
            ),
        ),
    ),
    limits=(
        Words(
            "Knows the names of about 790 substances; another name is said to be unknown.",
            "仅识别约790种成分的名称；其他名称会注明无法识别。",
        ),
        Words(
            "Rules for children, doses of antibiotics and cancer drugs, and drugs in milk are few.",
            "儿童用药、抗菌药和抗肿瘤药剂量以及哺乳期用药的规则较少。",
        ),
        Words(
            "Traditional Chinese medicines, food and laboratory interference are not checked.",
            "未审查中药、食物及对检验的干扰。",
        ),
    ),
    owner="Hospital pharmacy",
    sources=tuple(Source(one.cite, one.published) for _, one in sorted(shipped().sources.items())),
)
