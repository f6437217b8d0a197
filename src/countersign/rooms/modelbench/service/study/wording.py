"""Says a study's advice, its reasons and its limits in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.recommending import Change, Judged, Recommendation
from countersign.rooms.modelbench.domain.study.sets import MEASURES, SETS

from .reading import Result, ResultRow

WORKS: Mapping[str, Words] = {
    "answer": Words("Answers from documents", "文档问答"),
    "differential": Words("Differential diagnosis", "鉴别诊断"),
    "record": Words("Medical records", "病历书写"),
    "interview": Words("Interviewing", "问诊"),
    "follow-up": Words("Follow-up", "随访"),
    "extraction": Words("Extraction from text", "信息抽取"),
    "translation": Words("Translation", "翻译"),
    "study": Words("Studies", "研究"),
    "speech": Words("Speech written down", "语音转文字"),
    "tumour-board": Words("Tumour board", "肿瘤多学科会诊"),
    "all": Words("All sets together", "全部题集"),
}
"""Names of kinds of work; a plan may use names of its own."""

BOUNDS: Mapping[str, Words] = {
    "memory": Words("memory bandwidth", "显存带宽"),
    "arithmetic": Words("arithmetic", "算力"),
    "links": Words("links between cards", "卡间互联"),
    "overhead": Words("overhead of each step", "每步开销"),
}

STATES: Mapping[str, Words] = {
    "running": Words("running", "进行中"),
    "failed": Words("stopped by an error", "因错误停止"),
    "finished": Words("done", "已完成"),
    "cancelled": Words("cancelled", "已取消"),
}

PARTS: Mapping[str, Words] = {
    "hardware": Words("hardware", "硬件"),
    "power": Words("power", "电力"),
    "people": Words("people", "人员"),
    "place": Words("room, network, maintenance", "机房、网络、维护"),
}


def work_name(name: str) -> Words:
    """A kind of work as people call it."""
    return WORKS.get(name) or Words(name, name)


def set_name(name: str) -> Words:
    """A medical set as people call it."""
    return SETS[name].title


def measure_name(name: str) -> Words:
    """What a set's score is."""
    return MEASURES[SETS[name].measure]


def advice(result: Result, one: Recommendation) -> Words:
    """The recommendation in one sentence."""
    work = work_name(one.work)
    if one.chosen is None:
        return Words(
            f"{work.en}: no configuration can be recommended.",
            f"{work.zh}：没有可推荐的配置。",
        )
    label = result.row(one.chosen).configuration.label
    if one.chosen == one.best:
        return Words(
            f"{work.en}: {label}; nothing cheaper is as good.",
            f"{work.zh}：选用 {label}；没有更便宜而同样好的配置。",
        )
    return Words(f"{work.en}: {label} suffices.", f"{work.zh}：{label} 已足够。")


def reason(result: Result, one: Recommendation, judged: Judged) -> Words:
    """Why a configuration was or was not chosen."""
    best = result.row(one.best).configuration.label if one.best else ""
    margin = points(one.margin)
    gap, low = "", ""
    if judged.behind is not None:
        gap, low = points(judged.behind.value, True), points(judged.behind.low, True)
    match judged.verdict:
        case "chosen" if judged.key == one.best:
            return Words(
                "Highest score; no cheaper one is shown to be as good within the margin.",
                "得分最高；没有更便宜的配置被证明在界值之内同样好。",
            )
        case "chosen":
            return Words(
                f"{gap} points beside {best} (at worst {low}), within the margin of {margin}, and "
                "the least cost.",
                f"与 {best} 相比 {gap} 分（最差 {low}），在界值 {margin} 分之内，且成本最低。",
            )
        case "dearer":
            return Words("Good enough, but dearer.", "质量足够，但更贵。")
        case "inferior":
            return Words(
                f"{gap} points beside {best}, possibly {low}: beyond the margin of {margin}.",
                f"与 {best} 相比 {gap} 分，可能低至 {low}：超出界值 {margin} 分。",
            )
        case "too-slow":
            return Words(
                "Does not keep the service level even at the lowest load.",
                "最低负载下也达不到服务水平。",
            )
        case "too-weak":
            return Words("Below the least score that was set.", "低于设定的最低得分。")
        case "no-price":
            return Words(
                "Good enough, but without a price or a measured load it cannot be compared.",
                "质量足够，但缺少价格或负载测量，无法比较。",
            )
        case "not-measured":
            return Words("Not asked every set of this work.", "未完成该工作的全部题集。")


def change(result: Result, one: Recommendation, found: Change) -> Words:
    """What would change the advice."""
    other = result.row(found.chosen).configuration.label if found.chosen else ""
    then = Words(
        f"{other} would be chosen" if other else "none would be chosen",
        f"将选用 {other}" if other else "将无可选配置",
    )
    match found.what:
        case "margin":
            margin = points(found.amount)
            return Words(
                f"With a margin of {margin} points {then.en}.", f"若界值为 {margin} 分，{then.zh}。"
            )
        case "price":
            return Words(
                f"Were it {found.amount:g} times as dear, {then.en}.",
                f"若其成本为现在的 {found.amount:g} 倍，{then.zh}。",
            )
        case "without":
            return Words(f"Without it {then.en}.", f"若没有它，{then.zh}。")


def limits(result: Result) -> list[Words]:
    """What nobody should read into the figures."""
    said: list[Words] = []
    if not result.whole:
        said.append(
            Words(
                "The study is not done: every figure may still change.",
                "研究尚未完成：所有数字都可能变化。",
            )
        )
    for one in result.plan.sets:
        title, note = set_name(one.name), SETS[one.name].contamination
        said.append(Words(f"{title.en}: {note.en}", f"{title.zh}：{note.zh}"))
    said.append(
        Words(
            "The best of several is chosen on the same questions, which favours it slightly; the "
            "intervals do not count that.",
            "“最佳”在同一批题目上选出，略占便宜；区间未计入此影响。",
        )
    )
    said.append(
        Words(
            "Question sets are no patients: a model that answers them well may still be wrong at a "
            "bedside. Every answer stays a draft.",
            "题集不是患者：答题好的模型在床旁仍可能出错。一切回答仍只是草稿。",
        )
    )
    if any(row.cost for row in result.rows):
        assumed = any(one.assumed for one in result.prices.hardware.values())
        said.append(
            Words(
                f"Prices: list no. {result.price_version}, {result.prices.noted or 'undated'}, "
                f"{result.prices.source or 'no source'}"
                + ("; some figures are assumptions and no offers." if assumed else "."),
                f"价格：第 {result.price_version} 版，{result.prices.noted or '未注明日期'}，"
                f"{result.prices.source or '无来源'}"
                + ("；部分为假设，并非报价。" if assumed else "。"),
            )
        )
    if late := [row for row in result.rows if _late(row)]:
        names = ", ".join(row.configuration.label for row in late)
        said.append(
            Words(
                f"Requests were sent late for {names}: their capacity may be higher.",
                f"测量端发送请求有延迟：{names}。其实际能力可能更高。",
            )
        )
    return said


def points(share: float, signed: bool = False) -> str:
    """A share as points of a hundred: 0.0213 is 2.1."""
    return f"{share * 100:+.1f}" if signed else f"{share * 100:.1f}"


def _late(row: ResultRow) -> bool:
    return any(step.lag > 0.1 for step in row.steps)
