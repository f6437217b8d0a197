"""Invented Chinese names: 示 marks every patient, 演 every member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from countersign.kit.json import JSON
from countersign.kit.words import Words

PATIENT_MARK = ("示", "Shi")
STAFF_MARK = ("演", "Yan")
_REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_SURNAMES = """
王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu 胡Hu
郭Guo 何He 高Gao 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 许Xu 韩Han 冯Feng 邓Deng 曹Cao
彭Peng 曾Zeng 萧Xiao 田Tian 董Dong 潘Pan 袁Yuan 蔡Cai 蒋Jiang 余Yu 于Yu 杜Du 叶Ye 程Cheng
魏Wei 苏Su 吕Lü 丁Ding 任Ren 卢Lu 姚Yao 沈Shen 钟Zhong 姜Jiang 崔Cui 谭Tan 陆Lu 范Fan
汪Wang 廖Liao 石Shi 金Jin 欧阳Ouyang 上官Shangguan
"""
_MEN = """
国guo 建jian 明ming 华hua 志zhi 强qiang 军jun 平ping 东dong 文wen 辉hui 波bo 斌bin 伟wei
勇yong 涛tao 磊lei 刚gang 林lin 峰feng 鹏peng 德de 贵gui 昌chang 松song 康kang 安an 宁ning
诚cheng 毅yi
"""
_WOMEN = """
芳fang 兰lan 英ying 秀xiu 梅mei 玲ling 娟juan 敏min 静jing 丽li 燕yan 红hong 霞xia 萍ping
云yun 珍zhen 琴qin 洁jie 慧hui 淑shu 月yue 娜na 琳lin 凤feng 莲lian 蓉rong 薇wei 怡yi 爱ai
安an
"""


@dataclass(frozen=True, slots=True)
class Name:
    """``family`` and ``given`` in characters and in pinyin."""

    family: Words
    given: Words

    @property
    def words(self) -> Words:
        return Words(f"{self.family.en} {self.given.en}", self.family.zh + self.given.zh)

    def as_fhir(self) -> list[JSON]:
        """The official name in characters, then the same in pinyin."""
        return [
            _human("official", "IDE", self.words.zh, self.family.zh, self.given.zh),
            _human("usual", "SYL", self.words.en, self.family.en, self.given.en),
        ]


def _human(use: str, representation: str, text: str, family: str, given: str) -> JSON:
    extension = [{"url": _REPRESENTATION, "valueCode": representation}]
    return {"extension": extension, "use": use, "text": text, "family": family, "given": [given]}


def _split(entry: str) -> tuple[str, str]:
    at = next(index for index, letter in enumerate(entry) if letter.isascii())
    return entry[:at], entry[at:]


def compose(surname: str, second: str, mark: tuple[str, str]) -> Name:
    """A name from entries such as ``王Wang`` and ``安an`` with the generation character."""
    family_zh, family_en = _split(surname)
    second_zh, second_en = _split(second)
    apostrophe = "'" if second_en[0] in "aeo" else ""
    given = Words(mark[1] + apostrophe + second_en, mark[0] + second_zh)
    return Name(Words(family_en, family_zh), given)


def draw(rng: Random, female: bool, taken: set[str]) -> Name:
    """A patient's name that nobody has yet; adds it to ``taken``."""
    while True:
        second = rng.choice((_WOMEN if female else _MEN).split())
        name = compose(rng.choice(_SURNAMES.split()), second, PATIENT_MARK)
        if name.words.zh not in taken:
            taken.add(name.words.zh)
            return name
