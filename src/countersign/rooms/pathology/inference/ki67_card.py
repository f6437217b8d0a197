"""The model card of the analysis of Ki-67, read without loading what computes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from countersign.ground.models import (
    Dataset,
    ModelCard,
    ModelKind,
    NotMeasured,
    Source,
)
from countersign.kit.words import Words

from .versions import KI67

DIGEST: Final = sha256(Path(__file__).with_name("tumour.npz").read_bytes()).hexdigest()
"""Of the classifier of nuclei, which is part of the analysis's version."""

CARD: Final = ModelCard(
    name="pathology-ki67",
    version=f"{KI67}.{DIGEST[:12]}",
    kind=ModelKind.RULES,
    title=Words("Ki-67 on whole slides", "全切片 Ki-67"),
    intended_use=Words(
        "Finds nuclei on slides stained for Ki-67, says which are a tumour's and how brown they "
        "are, and proposes index, hotspots and H-score for a pathologist to correct and sign.",
        "在 Ki-67 染色切片上检出细胞核，判定是否肿瘤及着色强度，给出指数、热点与 H-score，"
        "供病理医师更正并签署。",
    ),
    not_for=Words(
        "Not for other stains, cytology or frozen sections, and never without a pathologist. It "
        "does not tell invasive from in-situ tumour.",
        "不用于其他染色、细胞学或冰冻切片，不得脱离病理医师使用；不能区分浸润癌与原位癌。",
    ),
    data=(
        Dataset(
            Words(
                "Slides drawn by this program with known truth; no scanned slide",
                "本程序绘制的已知真值切片，未使用扫描切片",
            ),
            "Apache-2.0",
        ),
    ),
    performance=(
        NotMeasured(
            Words("Slides of a hospital", "医院真实切片"),
            Words(
                "No hospital has measured it. Fields that are labelled are few: see the benchmark "
                "ki67_accuracy.",
                "尚无医院实测；标注视野很少，见基准测试 ki67_accuracy。",
            ),
        ),
    ),
    limits=(
        Words(
            "Large dark nuclei may be split, crowded ones joined.",
            "大而深染的细胞核可能被拆分，密集者可能被合并。",
        ),
        Words(
            "Which nuclei are a tumour's is learnt on drawn slides; a tumour region drawn by a "
            "pathologist stands above it.",
            "是否肿瘤由绘制切片学习而来；病理医师勾画的肿瘤区域优先。",
        ),
    ),
    owner="Pathology",
    sources=(
        Source(
            "Dowsett M et al., Assessment of Ki67 in breast cancer, J Natl Cancer Inst "
            "2011;103:1656-1664",
            "2011",
        ),
    ),
)
