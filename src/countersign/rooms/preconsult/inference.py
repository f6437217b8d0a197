"""The protocol as it ships: rules, words, tables and the trained reader, each read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from countersign.ground import reasoning
from countersign.ground.models import (
    HEARING_CARD,
    Dataset,
    Measured,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
    digest_of,
    load_prompts,
)
from countersign.kit.words import Words

from .domain import (
    Departments,
    PlainWords,
    RedFlags,
    Suspicion,
    read_departments,
    read_flags,
    read_plain_words,
)

HERE = Path(__file__).parent
PROTOCOL, PATIENT, PROMPTS = HERE / "protocol", HERE / "patient", HERE / "prompts"
GROUND = Path(str(reasoning.__file__)).parent
"""Where the questions after the complaint come from, and what reads a complaint."""

NAME, VERSION = "preconsult-rules", "1.3.0"
DIGEST = digest_of(
    [PROTOCOL, PATIENT, PROMPTS, HERE / "domain", GROUND / "conditions", GROUND / "findings"]
)
MODEL = ModelRef(NAME, VERSION, DIGEST)
UNDERSTAND, WORD = (load_prompts(PROMPTS, "preconsult")[name] for name in ("understand", "word"))
READ = ("zh", "en")
"""Languages whose words the rules read."""

LANGUAGES = ("zh", "en", "ar", "es", "fa", "fr", "ja", "ko", "ru")


@dataclass(frozen=True, slots=True)
class Speech:
    """What a patient reads in one language; ``flags`` and ``questions`` are empty for zh and en,
    whose words stand in the rules and in the knowledge."""

    code: str
    name: str
    direction: str
    reviewed: bool
    texts: Mapping[str, str]
    flags: Mapping[str, str]
    questions: Mapping[str, str]


@lru_cache(maxsize=1)
def flags() -> RedFlags:
    """The rules of dangers."""
    return read_flags(_toml(PROTOCOL / "red_flags.toml"))


@lru_cache(maxsize=1)
def departments() -> Departments:
    """The table of departments."""
    return read_departments(_toml(PROTOCOL / "departments.toml"))


@lru_cache(maxsize=1)
def suspicion() -> Suspicion:
    """The trained reader."""
    with np.load(PROTOCOL / "suspicion.npz") as held:
        return Suspicion(held["weight"], float(held["bias"]))


@lru_cache(maxsize=1)
def plain_words() -> Mapping[str, PlainWords]:
    """The words that a model may add to a signed question, by language."""
    return read_plain_words(_toml(PROTOCOL / "plain_words.toml"))


@lru_cache(maxsize=1)
def speeches() -> Mapping[str, Speech]:
    """Every language by its code."""
    return {code: _speech(code, _toml(PATIENT / f"{code}.toml")) for code in LANGUAGES}


def content() -> dict[str, Any]:
    """What a senior physician reads and signs: all that patients are asked and told."""
    return {
        "model": MODEL.label,
        "digest": DIGEST,
        "version": flags().version,
        "flags": [
            {
                "id": one.id,
                "title": one.title.as_json(),
                "ask": one.ask.as_json(),
                "now": one.now.as_json(),
                "source": one.source.cite,
                "published": one.source.published,
            }
            for one in flags().flags
        ],
        "wording": {
            "prompts": [UNDERSTAND.prompt.ref.label, WORD.prompt.ref.label],
            "words": {code: sorted(one.words) for code, one in plain_words().items()},
        },
        "background": {
            item: {code: speeches()[code].texts[item] for code in READ}
            for item in ("history", "medicines", "allergies", "family", "smoking")
        },
    }


def _speech(code: str, read: Mapping[str, Any]) -> Speech:
    texts = {name: value for name, value in read.items() if isinstance(value, str)}
    return Speech(
        code,
        read["name"],
        read["direction"],
        read["reviewed"],
        texts,
        read.get("flags", {}),
        read.get("questions", {}),
    )


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


MODEL_CARD = ModelCard(
    name=NAME,
    version=VERSION,
    kind=ModelKind.RULES,
    title=Words("Pre-consultation", "预问诊"),
    intended_use=Words(
        "Asks a patient before the visit, interrupts at told dangers, proposes department and "
        "urgency to the desk and a summary to the physician.",
        "就诊前询问患者，遇危险征象即时中断提示，向分诊台建议科室与缓急，向医师提交摘要。",
    ),
    not_for=Words(
        "It diagnoses nothing and gives no advice beyond the signed protocol. Silence is no proof "
        "that there is no danger; it does not replace triage by a nurse.",
        "不作诊断，不提供已签署方案之外的建议；无提示不代表无危险，不能替代护士分诊。",
    ),
    data=(
        Dataset(
            Words("479 short stories written for this project", "为本项目编写的479则短病情描述"),
            "Apache-2.0",
        ),
        Dataset(
            Words(
                "Questions of Toyhom/Chinese-medical-dialogue-data as examples without danger",
                "以 Toyhom/Chinese-medical-dialogue-data 的提问作为无危险的示例",
            ),
            "MIT",
        ),
    ),
    performance=(
        Measured(
            Words("87 stories written last, run once", "最后编写且只运行一次的87则描述"),
            Words("dangers shown to the desk", "向分诊台提示危险的灵敏度"),
            "0.97",
            Words("benchmark red_flags", "基准测试 red_flags"),
        ),
        NotMeasured(
            Words("Patients of a hospital", "医院真实患者"),
            Words("No hospital has tried it.", "尚无医院试用。"),
        ),
    ),
    limits=(
        Words(
            "The rules' words are those of their author: of stories in other words they alone "
            "found one in nine. Every patient is therefore asked about each danger.",
            "规则的用词出自其编写者：换一种说法时，仅靠规则只能发现约九分之一，因此每位患者都会"
            "逐项被询问危险征象。",
        ),
        Words(
            "Only Chinese and English words are read; the translations into other languages are "
            "made by machine and unreviewed.",
            "仅能读取中文和英文；其他语言为机器翻译，未经审校。",
        ),
    ),
    owner="Triage desk",
    sources=tuple(
        Source(cite, published)
        for cite, published in sorted(
            {(one.source.cite, one.source.published) for one in flags().flags}
        )
    ),
)

CARDS = (
    (MODEL_CARD, DIGEST),
    (UNDERSTAND.card, UNDERSTAND.digest),
    (WORD.card, WORD.digest),
    HEARING_CARD,
)
"""What the manifest registers: the rules, and the prompts of a language model if there is one."""


def card_of_departments(examples: int, tested: int, right: float, digest: str) -> ModelCard:
    """The card of a proposal that the hospital trained; its version is of its very weights."""
    return ModelCard(
        name="preconsult-departments",
        version=digest[:12],
        kind=ModelKind.STATISTICAL,
        title=Words("Departments, trained here", "本院训练的科室建议"),
        intended_use=Words(
            "Proposes a department to the triage desk from a patient's own words, as a draft.",
            "依据患者原话向分诊台建议科室，仅为草稿。",
        ),
        not_for=Words(
            "Booking without a person; urgency; anything that is told to the patient.",
            "不得未经人工直接挂号；不判断缓急；不向患者展示。",
        ),
        data=(
            Dataset(
                Words(f"{examples} complaints of this hospital", f"本院 {examples} 条主诉"),
                "the hospital's own",
            ),
        ),
        performance=(
            Measured(
                Words(f"{tested} texts that were kept apart", f"另行保留的 {tested} 条文本"),
                Words("accuracy", "准确率"),
                f"{right:.3f}",
                Words("command preconsult train-departments", "命令 preconsult train-departments"),
            ),
        ),
        limits=(
            Words(
                "It repeats how patients were sent before, with their mistakes.",
                "它重复以往的分诊习惯，包括其中的错误。",
            ),
        ),
        owner="Triage desk",
        sources=(Source("Countersign, trained in this hospital", "2026-11-26"),),
    )
