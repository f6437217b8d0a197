"""Units of medicine in Chinese and English, so that 0.5 g and 500 mg are the same amount."""

from __future__ import annotations

import re

_BASE: dict[str, tuple[str, float]] = {}
"""Unit as written (folded) to its dimension and its size in that dimension's base unit."""


def _name(dimension: str, **sizes: float) -> None:
    for name, size in sizes.items():
        _BASE[name] = (dimension, size)


_name("mass", kg=1e3, g=1, mg=1e-3, ug=1e-6, mcg=1e-6, ng=1e-9, pg=1e-12)
_name("mass", gram=1, grams=1, milligram=1e-3, milligrams=1e-3, microgram=1e-6, micrograms=1e-6)
_name(
    "mass", kilogram=1e3, kilograms=1e3, 千克=1e3, 公斤=1e3, 克=1, 毫克=1e-3, 微克=1e-6, 纳克=1e-9
)
_name("volume", l=1, dl=0.1, ml=1e-3, ul=1e-6, fl=1e-15, cc=1e-3, 升=1, 毫升=1e-3, 微升=1e-6)
_name("volume", litre=1, litres=1, liter=1, liters=1, milliliter=1e-3, milliliters=1e-3)
_name("length", m=1, cm=1e-2, mm=1e-3, um=1e-6, nm=1e-9, 米=1, 厘米=1e-2, 公分=1e-2, 毫米=1e-3)
_name("length", meter=1, meters=1, centimeter=1e-2, centimeters=1e-2, millimeters=1e-3)
_name("length", millimeter=1e-3, inch=0.0254, inches=0.0254, feet=0.3048, foot=0.3048)
_name("days", s=1 / 86400, sec=1 / 86400, seconds=1 / 86400, second=1 / 86400, 秒=1 / 86400)
_name("days", min=1 / 1440, minute=1 / 1440, minutes=1 / 1440, 分钟=1 / 1440, 分=1 / 1440)
_name("days", h=1 / 24, hr=1 / 24, hour=1 / 24, hours=1 / 24, 小时=1 / 24, 时=1 / 24, d=1, day=1)
_name("days", days=1, daily=1, 天=1, 日=1, week=7, weeks=7, wk=7, weekly=7, 周=7, 星期=7)
_name("months", month=1, months=1, 月=1, 个月=1, year=12, years=12, yr=12, 年=12, 岁=12, 周岁=12)
_name("amount", mol=1, mmol=1e-3, umol=1e-6, nmol=1e-9, pmol=1e-12, 摩尔=1, 毫摩尔=1e-3)
_name("units", u=1, iu=1, miu=1e-3, mu=1e-3, 单位=1, units=1, unit=1, 国际单位=1)
_name("pressure", mmhg=1, kpa=7.50062, cmh2o=0.735559, 毫米汞柱=1)
_name("warmth", **{"°c": 1, "℃": 1, "度": 1, "°f": 2, "摄氏度": 1})
_name("charge", meq=1, eq=1e3)
_name("energy", kcal=1, kj=0.239006, cal=1e-3, 千卡=1, 大卡=1)
_name("dose", gy=1, cgy=0.01, msv=1, mci=1)
_name("times", 次=1, times=1, time=1, bpm=1440, 次数=1)
_name("people", 例=1, 人=1, 名=1, patients=1, people=1, 位=1)
_name(
    "pieces", 片=1, 粒=1, 支=1, 枚=1, 个=1, 包=1, 滴=1, tablet=1, tablets=1, capsule=1, capsules=1
)
_name("fold", 倍=1, fold=1)
_name("grade", 级=1, 期=1, 度烧伤=1)
_name("share", **{"%": 1, "percent": 1, "per cent": 1, "‰": 0.1, "成": 10})
_name("area", m2=1, 平方米=1, cm2=1e-4)
_name("field", hp=1, hpf=1, 高倍视野=1)

_ONE = "|".join(sorted(map(re.escape, _BASE), key=len, reverse=True))
UNIT = (
    rf"(?:{_ONE})(?![a-z])(?:\s?[/·]\s?(?:[\d.]*\s?(?:{_ONE}))(?![a-z]))*|/\s?(?:{_ONE})(?![a-z])"
)
"""A unit, or units divided by one another, in folded text."""

_HAN_UNITS = "|".join(sorted((u for u in _BASE if not u.isascii()), key=len, reverse=True))
HAN_UNIT = rf"(?:{_HAN_UNITS})"
"""A Chinese unit, which is what shows a Chinese numeral to be a number."""


def measured(unit: str) -> tuple[str, float]:
    """Dimension and size of a unit that ``UNIT`` matched; ``("", 1)`` for none. What is said for
    each nothing, or for each 1.2.3, is a dimension of its own, which agrees with no other."""
    if not unit:
        return "", 1.0
    above, *below = (part.strip() for part in re.split("[/·]", unit))
    dimension, size = _BASE.get(above, ("", 1.0))
    for part in below:
        found = re.fullmatch(r"([\d.]*)\s?(.+)", part)
        number, name = found.groups() if found else ("", part)
        under, by = _BASE[name]
        each = _each(number)
        dimension += f"/{under}" if each else f"/{part}"
        size /= by * (each or 1.0)
    return dimension, size


def _each(number: str) -> float:
    """How many of a unit something is said for: one where nothing is said; 0 for no number."""
    if not number.strip("."):
        return 1.0
    try:
        return float(number)
    except ValueError:
        return 0.0
