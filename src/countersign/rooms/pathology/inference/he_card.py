"""The model card of the analysis of H&E without training, read without loading what computes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from countersign.ground.models import (
    Dataset,
    ModelCard,
    ModelKind,
    NotMeasured,
    Source,
    digest_of,
)
from countersign.kit.words import Words
from countersign.rooms.pathology.inference import versions

_ROOM: Final = Path(__file__).parent.parent
DIGEST: Final = digest_of(
    [
        *sorted((_ROOM / "domain").glob("he_*.py")),
        *sorted((_ROOM / "domain").glob("ti*.py")),
        *sorted((_ROOM / "domain").glob("gland*.py")),
        *(
            _ROOM / "inference" / name
            for name in (
                "he.py",
                "he_glands.py",
                "he_second.py",
                "gland.py",
                "glands.npz",
                "tissue.py",
            )
        ),
    ]
)
"""Of the rules themselves and of the network that outlines glands."""

CARD: Final = ModelCard(
    name="pathology-he",
    version=versions.HE,
    kind=ModelKind.RULES,
    title=Words("Nuclei and tumour infiltration on H&E", "H&E 细胞核与肿瘤浸润"),
    intended_use=Words(
        "Finds nuclei on slides stained with haematoxylin and eosin, guesses their kind by size "
        "and shape, and proposes a tumour region, its front and stromal lymphocytes for a "
        "pathologist to correct and sign.",
        "在苏木精-伊红染色切片上检出细胞核，按大小与形状推测类别，给出肿瘤区域、浸润前缘与间质"
        "淋巴细胞，供病理医师更正并签署。",
    ),
    not_for=Words(
        "No diagnosis and no grade; not for cytology, frozen sections or pixels above 0.6 µm. "
        "Shares of kinds are no basis for treatment without a look at the layer of nuclei.",
        "不作诊断与分级；不用于细胞学、冰冻切片或像素大于 0.6 µm 者。未查看细胞核图层前，"
        "各类占比不得作为治疗依据。",
    ),
    data=(
        Dataset(
            Words(
                "Nothing was learnt. Constants were chosen while looking at seven tiles of MoNuSeg "
                "and seventeen fields of CRCHisto; none of their pixels is in the product.",
                "未经训练。常数参照 MoNuSeg 七幅与 CRCHisto 十七个视野选定，产品不含其像素。",
            ),
            "CC BY-NC-SA; research only",
        ),
    ),
    performance=(
        NotMeasured(
            Words("Slides of a hospital", "医院真实切片"),
            Words(
                "No hospital has measured it. Public fields: see the benchmarks nuclei_he and "
                "nuclei_types.",
                "尚无医院实测；公开视野见基准测试 nuclei_he 与 nuclei_types。",
            ),
        ),
    ),
    limits=(
        Words(
            "Kinds of cells follow written rules that nobody has validated.",
            "细胞类别按书写规则判定，未经验证。",
        ),
        Words(
            "Glands are outlined by a small network that learnt from drawn slides alone: see "
            "docs/models/glands.md. They enter no other figure.",
            "腺体由仅以绘制切片训练的小型网络勾画，见 docs/models/glands.md；不参与其他数值计算。",
        ),
        Words(
            "The second opinion on stromal lymphocytes looks for small, round, dark spots in some "
            "squares. On fields of CRCHisto it found half of the inflammatory nuclei; plasma cells "
            "and apoptosis mislead both opinions.",
            "间质淋巴细胞的第二意见仅在部分方格内寻找小而圆的深染斑点；在 CRCHisto 视野中"
            "检出约半数炎症细胞核，浆细胞与凋亡会同时误导两者。",
        ),
        Words(
            "The tumour region and stromal lymphocytes follow from these kinds; a region drawn "
            "by a pathologist stands above the program's.",
            "肿瘤区域与间质淋巴细胞由上述类别推出；病理医师勾画的区域优先。",
        ),
    ),
    owner="Pathology",
    sources=(
        Source(
            "Salgado R et al., The evaluation of tumor-infiltrating lymphocytes (TILs) in breast "
            "cancer, Ann Oncol 2015;26:259-271",
            "2015",
        ),
    ),
)
