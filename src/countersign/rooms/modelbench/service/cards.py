"""The card of a distilled ladder: what it is for, what it was made of, what the frozen set said."""

from __future__ import annotations

from countersign.ground.models import Dataset, Measured, ModelCard, ModelKind, Source
from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.plan import Plan
from countersign.rooms.modelbench.training import Outcome


def card_of(plan: Plan, outcome: Outcome, number: int) -> ModelCard:
    """``number`` counts the ladders of this work. Raises IncompleteCard."""
    report = outcome.report
    mean, low, high = (100 * float(one) for one in report["difference"])
    on = Words(f"{report['frozen']} texts kept apart", f"单独留出的 {report['frozen']} 条文本")
    everybody = Words("All texts", "全部文本")
    return ModelCard(
        name=f"distilled-{plan.work}",
        version=f"1.{number}.0",
        kind=ModelKind.STATISTICAL,
        title=Words(plan.title, plan.title),
        intended_use=Words(
            f"Sorts texts of the work {plan.work} and passes on what it is unsure of.",
            f"为“{plan.work}”类文本分类，没有把握的交由上级处理。",
        ),
        not_for=Words(
            "Texts of another kind or of another hospital; decisions that nobody looks at.",
            "其他类型或其他医院的文本；无人查看的决定。",
        ),
        data=(Dataset(Words(plan.source, plan.source), plan.licence),),
        performance=(
            Measured(
                everybody,
                Words("right, with its teacher above it", "正确率（含上级教师）"),
                f"{100 * float(report['ladder']):.1f} %",
                on,
            ),
            Measured(
                everybody,
                Words("points apart from its teacher (95 %)", "与教师的差值（百分点，95%）"),
                f"{mean:+.2f} ({low:+.2f} to {high:+.2f})",
                on,
            ),
        ),
        limits=(
            Words(
                "It knows what its teacher knew when it was made; it repeats its mistakes.",
                "它只掌握制作时教师所知，并会重复其错误。",
            ),
            Words(
                "It was measured on texts of the same source; others may be unlike them.",
                "评估所用文本来自同一来源；其他文本可能不同。",
            ),
        ),
        owner="Department of information technology",
        sources=(
            Source(
                "Hinton G, Vinyals O, Dean J. Distilling the Knowledge in a Neural Network.",
                "2015-03",
                "https://arxiv.org/abs/1503.02531",
            ),
        ),
    )
