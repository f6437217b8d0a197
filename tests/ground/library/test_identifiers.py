"""What could name somebody is taken out of a question; what is asked about stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library.identifiers import without_identifiers

PROBES = {
    "患者张三，男，45岁 高血压": ("张三", "高血压"),
    "李小明先生咳嗽": ("李小明", "咳嗽"),
    "王医生 胸痛": ("王", "胸痛"),
    "姓名：欧阳修 头痛": ("欧阳修", "头痛"),
    "患儿王小，3岁 发热": ("王小", "发热"),
    "住院号ZY0012345 血钾": ("0012345", "血钾"),
    "病案号：A-778 贫血": ("778", "贫血"),
    "12床 呼吸困难": ("12", "呼吸困难"),
    "身份证 110101199003071234 皮疹": ("19900307", "皮疹"),
    "手机１３８００１３８０００ 皮疹": ("138", "皮疹"),
    "手机 138-0013-8000 皮疹": ("8000", "皮疹"),
    "生于1990年3月7日 骨折": ("1990", "骨折"),
    "出生 1990/03/07 骨折": ("1990", "骨折"),
    "a.b@hospital.cn 发热": ("hospital", "发热"),
    "Mr. John Smith has gout": ("Smith", "gout"),
    "patient Jane Doe with asthma": ("Doe", "asthma"),
    "name is Bob Jones, itching": ("Jones", "itching"),
    "MRN: A-1234 sepsis": ("1234", "sepsis"),
    "ZY123456 sepsis": ("123456", "sepsis"),
}
KEPT = (
    "患者高血压，糖尿病怎么办",
    "患者高血压怎么办",
    "医生应该怎么做",
    "血钾 6.5 mmol/L，血压 140/90，HbA1c 7.5%",
    "CD20 IL-6 COVID19 E11.9 IDH1 mutation",
    "patient with Crohn disease",
    "bed rest for 3 days at room temperature",
    "10 mL 10% 葡萄糖酸钙 静脉推注 5-10 分钟",
)


@pytest.mark.parametrize("asked", PROBES)
def test_what_names_somebody_goes(asked: str) -> None:
    gone, stays = PROBES[asked]
    said = without_identifiers(asked)
    assert gone not in said and stays in said and "…" in said


@pytest.mark.parametrize("asked", KEPT)
def test_what_is_asked_about_stays(asked: str) -> None:
    assert without_identifiers(asked) == asked


@given(st.text(max_size=300))
def test_it_takes_any_text_and_once_is_enough_for_numbers(text: str) -> None:
    said = without_identifiers(without_identifiers(text))
    assert len(said) <= len(text) + 1


@given(
    st.text("甲乙丙 ,", max_size=20), st.integers(10**8, 10**18), st.text("甲乙丙 ,", max_size=20)
)
def test_no_long_number_is_left(before: str, number: int, after: str) -> None:
    assert str(number) not in without_identifiers(f"{before}{number}{after}")
