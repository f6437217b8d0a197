"""What an answer could not know: the limits of this very answer, said with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from countersign.kit.words import Words

from .facts import Facts
from .measures import Measure, Trouble, Unread
from .medicines import Medicine
from .pressure_readings import Reading
from .prose import amount

_TROUBLES: dict[Trouble, Words] = {
    "unit": Words("a unit that cannot be read", "单位无法识别"),
    "implausible": Words("a value that is not plausible in its unit", "数值与单位不符常理"),
    "future": Words("a date in the future", "日期在未来"),
    "undated": Words("no usable date", "无可用日期"),
    "form": Words("no usable number", "无可用数值"),
}
ONLY_THIS_CHART = Words(
    "Only this chart was read: results, medicines and diagnoses recorded elsewhere are unknown.",
    "仅依据本病历：其他机构的检验、用药和诊断未知。",
)


def of_measures(facts: Facts, measures: Iterable[Measure], fresh_days: int) -> list[Words]:
    """Age, provisional status, ties and unreadable results of the values an answer rests on."""
    used = list({(item.reference, item.analyte.key): item for item in measures}.values())
    said: list[Words] = []
    for measure in used:
        name, days = measure.analyte.name, facts.days(measure.when)
        if days > fresh_days:
            said.append(
                Words(
                    f"{name.en} is {days} days old; the present value is unknown.",
                    f"{name.zh}结果距今{days}天，目前数值未知。",
                )
            )
        said += _of_one(measure)
        twins = [amount(item) for item in _twins(facts, measure)]
        if twins:
            others = ", ".join(twins)
            said.append(
                Words(
                    f"{name.en} has another value of the same moment: {others}.",
                    f"{name.zh}同一时刻另有不同结果：{others}。",
                )
            )
    for key in sorted({measure.analyte.key for measure in used}):
        said += of_unread(facts, key)
    return said


def _of_one(measure: Measure) -> list[Words]:
    name = measure.analyte.name
    said: list[Words] = []
    if measure.report.preliminary:
        said.append(
            Words(f"{name.en} is a preliminary result.", f"{name.zh}为初步报告，尚未终审。")
        )
    if measure.report.dated_by_issue:
        said.append(
            Words(
                f"{name.en}: the sampling time is missing; the time of issue was used.",
                f"{name.zh}缺少采样时间，以报告时间代替。",
            )
        )
    if measure.comparator:
        said.append(
            Words(
                f"{name.en} was reported only as a bound ({measure.comparator}).",
                f"{name.zh}仅报告为界值（{measure.comparator}）。",
            )
        )
    return said


def _twins(facts: Facts, measure: Measure) -> list[Measure]:
    same_kind = facts.of(measure.analyte.key)
    return [i for i in same_kind if i.when.at == measure.when.at and i is not measure]


def of_unread(facts: Facts, key: str) -> list[Words]:
    """Results of this kind that no rule used, counted by reason."""
    found: dict[Trouble, list[Unread]] = {}
    for item in facts.unread:
        if item.key == key:
            found.setdefault(item.trouble, []).append(item)
    return [_unread(items) for items in found.values()]


def _unread(items: Sequence[Unread]) -> Words:
    why, count = _TROUBLES[items[0].trouble], len(items)
    units = ", ".join(sorted({item.unit for item in items if item.unit}))
    newest = max(item.day for item in items)
    en = f"{count} further result{'s were' if count > 1 else ' was'} not used ({why.en}"
    zh = f"另有{count}个结果未采用（{why.zh}"
    if units and items[0].trouble in ("unit", "implausible"):
        en, zh = f"{en}: {units}", f"{zh}：{units}"
    if newest:
        en, zh = f"{en}; newest {newest}", f"{zh}；最近{newest}"
    return Words(f"{en}).", f"{zh}）。")


def of_reading(facts: Facts, reading: Reading, fresh_days: int) -> list[Words]:
    """Age and provisional status of a blood pressure, and readings that were left out."""
    said: list[Words] = []
    days = facts.days(reading.when)
    if days > fresh_days:
        said.append(
            Words(
                f"The last reading is {days} days old; the present pressure is unknown.",
                f"最近一次血压距今{days}天，目前血压未知。",
            )
        )
    if reading.preliminary:
        said.append(Words("The last reading is preliminary.", "最近一次血压为初步记录。"))
    return said + of_unread(facts, "pressure")


def of_medicines(facts: Facts, medicines: Iterable[Medicine]) -> list[Words]:
    """That active means prescribed, not taken; and orders that have stood for very long."""
    said = [
        Words(
            "The chart says the medicine is active; whether and at what dose it is taken is "
            "not known here.",
            "病历显示该药处于使用状态；是否实际服用及剂量此处未知。",
        )
    ]
    for medicine in medicines:
        days = facts.days(medicine.since) if medicine.since else 0
        if medicine.since and days > 365:
            said.append(
                Words(
                    f"{medicine.name} was prescribed {days} days ago ({medicine.since.day}).",
                    f"{medicine.name}的医嘱开具于{days}天前（{medicine.since.day}）。",
                )
            )
    return said


def of_person(facts: Facts) -> list[Words]:
    """Unknown age, and pregnancy where it could be and nobody wrote it down."""
    said: list[Words] = []
    age = facts.age
    if age is None:
        said.append(
            Words(
                "Age is unknown (no complete birth date); limits for adults were applied.",
                "年龄未知（出生日期不完整），按成人界值判断。",
            )
        )
    if facts.problems.pregnancy:
        said.append(
            Words(
                "A pregnancy is recorded: limits for adults who are not pregnant may not apply.",
                "病历记录妊娠：非妊娠成人的界值可能不适用。",
            )
        )
    elif facts.person.sex != "male" and (age is None or 12 <= age <= 55):
        said.append(
            Words("Whether the patient is pregnant is not recorded.", "病历未记录是否妊娠。")
        )
    return said
