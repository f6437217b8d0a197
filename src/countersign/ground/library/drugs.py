"""Which words of a sentence name a drug: by known names, by their stems, by a hospital's list.

The known names are those of ``kit.drugs``, brands and what a laboratory also measures left out.
The stems are those of the World Health Organization's book of international nonproprietary
names and their usual Chinese transliterations.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from countersign.kit.drugs import SUBSTANCES

from .words import fold

_STEMS = """
olol pril prilat sartan statin mycin micin cillin floxacin oxacin azole tidine prazole mab nib
dipine gliptin gliflozin glutide steride afil parin xaban gatran setron triptan coxib profen
fenac cycline vir caine barbital azepam azolam formin glitazone thiazide semide osin platin
rubicin taxel tecan mustine trexate fibrate oxetine azine apine idone terol tropium sone
solone lukast dronate dronic grel plase ciclovir tadine bactam penem sulfa zosin cept kinra
relin relix lutamide abine uracil bicin stigmine curium curonium flurane tropine phylline
"""
_STEM = re.compile(rf"[a-z]{{2,}}(?:{'|'.join(_STEMS.split())})s?|(?:cef|sulfa)[a-z]{{3,}}")
_MEASURED = ("A11", "A12", "B03", "B05", "C01CA", "G03", "H01", "J06", "V03")
"""ATC classes of vitamins, minerals, infusions and hormones: their names are results as well."""
_SOUNDS = (
    "阿埃安昂奥巴贝比泊博布达地丁度多厄恩尔伐法非芬夫氟福呋格戈洪胡华环吉加甲卡坎康可克拉来兰乐雷李"
    "利立林硫仑罗洛氯吗马麦美米莫那纳奈尼诺哌帕培匹普齐羟氢去曲屈瑞噻塞赛沙舍舒司丝索他肽坦特替托妥"
    "韦维乌西烯硝辛溴匹雅依伊异吲泽扎左唑孜佐氨酚苯丙丁酯酸钠钾"
)
_ENDINGS = (
    "洛尔|普利|沙坦|他汀|霉素|西林|沙星|康唑|硝唑|替丁|拉唑|单抗|替尼|地平|列汀|列净|鲁肽|肝素|沙班|加群"
    "|司琼|曲坦|昔布|洛芬|芬酸|环素|韦林|洛韦|夫韦|卡因|比妥|西泮|唑仑|双胍|列酮|噻嗪|塞米|索辛|洛辛|罗辛|唑嗪"
    "|雄胺|那非|地那非|铂|紫杉醇|比星|替康|膦酸|格雷|培南|巴坦|贝特|西汀|氮平|利酮|特罗|溴铵|泼尼松|松龙"
    "|米松|司特|瑞林|瑞克|他胺|茶碱|胰岛素|阿司匹林|华法林|地高辛|吗啡|布洛芬|乙酰氨基酚"
)
_CHINESE = re.compile(
    rf"[{_SOUNDS}]{{0,4}}(?:{_ENDINGS})|(?:头孢|磺胺|格列)[{_SOUNDS}孟美齐喹本脲肟]{{1,4}}"
)
_WORD = re.compile(r"[a-z][a-z-]*[a-z]")
_KNOWN = tuple(
    name
    for one in SUBSTANCES.values()
    if not any(one.in_class(code) for code in _MEASURED)
    for name in (one.name, one.chinese, *one.spellings)
)


class Drugs:
    """Finds drug names; ``names`` is a formulary in either language, added to the known ones."""

    def __init__(self, names: Collection[str] = ()) -> None:
        folded = {fold(name).strip() for name in (*_KNOWN, *names)}
        self._latin = frozenset(name for name in folded if name.isascii() and " " not in name)
        rest = sorted((n for n in folded - self._latin if len(n) > 1), key=lambda n: (-len(n), n))
        self._rest = re.compile("|".join(map(re.escape, rest))) if rest else None

    def named(self, text: str) -> frozenset[str]:
        """The drug names in a text, folded, English plurals as they stand."""
        folded = fold(text)
        found = {word for word in _WORD.findall(folded) if self._is_drug(word)}
        found.update(_CHINESE.findall(folded))
        if self._rest is not None:
            found.update(self._rest.findall(folded))
        return frozenset(found)

    def _is_drug(self, word: str) -> bool:
        return word in self._latin or _STEM.fullmatch(word) is not None
