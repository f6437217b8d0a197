"""The ingredients that the rules know: names in English and Chinese, RxNorm and ATC codes.

Brand names are not listed: a prescription that names only a brand is not recognised, and the
room's page says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Group(StrEnum):
    """What the rules ask of a medicine."""

    METFORMIN = "metformin"
    INSULIN = "insulin"
    SULFONYLUREA = "sulfonylurea"
    ALDOSTERONE = "aldosterone antagonist"
    POTASSIUM_SPARING = "potassium-sparing diuretic"
    POTASSIUM = "potassium"
    ACE = "ACE inhibitor"
    ARB = "angiotensin receptor blocker"
    TRIMETHOPRIM = "trimethoprim"
    NSAID = "NSAID"
    STATIN = "statin"
    WARFARIN = "warfarin"
    HEPARIN = "heparin"
    DIGOXIN = "digoxin"
    PENICILLIN = "penicillin"
    SULFONAMIDE = "sulfonamide antibiotic"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One active substance."""

    name: str
    group: Group


# group | English name | Chinese name | RxNorm ingredient | ATC | further spellings
_ROWS = """
METFORMIN|metformin|二甲双胍|6809|A10BA02
INSULIN|insulin|胰岛素||A10A
SULFONYLUREA|glibenclamide|格列本脲|4815|A10BB01|glyburide
SULFONYLUREA|gliclazide|格列齐特|4816|A10BB09
SULFONYLUREA|glimepiride|格列美脲|25789|A10BB12
SULFONYLUREA|glipizide|格列吡嗪|4821|A10BB07
SULFONYLUREA|gliquidone|格列喹酮||A10BB08
ALDOSTERONE|spironolactone|螺内酯|9997|C03DA01|螺旋内酯
ALDOSTERONE|eplerenone|依普利酮|298869|C03DA04
ALDOSTERONE|finerenone|非奈利酮||C03DA05
POTASSIUM_SPARING|amiloride|阿米洛利|644|C03DB01
POTASSIUM_SPARING|triamterene|氨苯蝶啶|10763|C03DB02
POTASSIUM|potassium chloride|氯化钾|8591|A12BA01
POTASSIUM|potassium citrate|枸橼酸钾||A12BA02
POTASSIUM|potassium gluconate|葡萄糖酸钾||A12BA05
POTASSIUM|potassium aspartate|门冬氨酸钾|||门冬氨酸钾镁
ACE|captopril|卡托普利|1998|C09AA01
ACE|enalapril|依那普利|3827|C09AA02|enalaprilat
ACE|lisinopril|赖诺普利|29046|C09AA03
ACE|perindopril|培哚普利|54552|C09AA04
ACE|ramipril|雷米普利|35296|C09AA05
ACE|quinapril|喹那普利|35208|C09AA06
ACE|benazepril|贝那普利|18867|C09AA07
ACE|fosinopril|福辛普利|50166|C09AA09
ACE|trandolapril|群多普利|38454|C09AA10
ACE|imidapril|咪达普利||C09AA16
ARB|losartan|氯沙坦|52175|C09CA01
ARB|valsartan|缬沙坦|69749|C09CA03
ARB|irbesartan|厄贝沙坦|83818|C09CA04
ARB|candesartan|坎地沙坦|214354|C09CA06
ARB|telmisartan|替米沙坦|73494|C09CA07
ARB|olmesartan|奥美沙坦|321064|C09CA08
ARB|azilsartan|阿齐沙坦|1091643|C09CA09
ARB|allisartan|阿利沙坦||
TRIMETHOPRIM|trimethoprim|甲氧苄啶|10829|J01EA01
NSAID|ibuprofen|布洛芬|5640|M01AE01
NSAID|dexibuprofen|右布洛芬||M01AE14
NSAID|naproxen|萘普生|7258|M01AE02
NSAID|ketoprofen|酮洛芬|6142|M01AE03
NSAID|loxoprofen|洛索洛芬||
NSAID|flurbiprofen|氟比洛芬|4502|M01AE09
NSAID|diclofenac|双氯芬酸|3355|M01AB05
NSAID|indomethacin|吲哚美辛|5781|M01AB01|indometacin
NSAID|aceclofenac|醋氯芬酸||M01AB16
NSAID|ketorolac|酮咯酸|35827|M01AB15
NSAID|meloxicam|美洛昔康|41493|M01AC06
NSAID|lornoxicam|氯诺昔康||M01AC05
NSAID|piroxicam|吡罗昔康|8356|M01AC01
NSAID|celecoxib|塞来昔布|140587|M01AH01
NSAID|etoricoxib|依托考昔|307296|M01AH05
NSAID|parecoxib|帕瑞昔布||M01AH04
STATIN|simvastatin|辛伐他汀|36567|C10AA01|simvistatin
STATIN|lovastatin|洛伐他汀|6472|C10AA02
STATIN|pravastatin|普伐他汀|42463|C10AA03
STATIN|fluvastatin|氟伐他汀|41127|C10AA04
STATIN|atorvastatin|阿托伐他汀|83367|C10AA05
STATIN|rosuvastatin|瑞舒伐他汀|301542|C10AA07
STATIN|pitavastatin|匹伐他汀|861634|C10AA08
WARFARIN|warfarin|华法林|11289|B01AA03
HEPARIN|heparin|肝素|5224|B01AB01
HEPARIN|enoxaparin|依诺肝素|67108|B01AB05
HEPARIN|dalteparin|达肝素|67109|B01AB04
HEPARIN|nadroparin|那屈肝素||B01AB06|那曲肝素
DIGOXIN|digoxin|地高辛|3407|C01AA05
PENICILLIN|penicillin|青霉素|7980|J01CE|benzylpenicillin|苄星青霉素
PENICILLIN|amoxicillin|阿莫西林|723|J01CA04|J01CR02
PENICILLIN|ampicillin|氨苄西林|733|J01CA01|J01CR01
PENICILLIN|piperacillin|哌拉西林|8339|J01CA12|J01CR05
PENICILLIN|flucloxacillin|氟氯西林||J01CF05
PENICILLIN|oxacillin|苯唑西林|7773|J01CF04
SULFONAMIDE|sulfamethoxazole|磺胺甲噁唑|10180|J01EC01|磺胺甲恶唑
OTHER|aspirin|阿司匹林|1191|B01AC06|acetylsalicylic acid
OTHER|clopidogrel|氯吡格雷|32968|B01AC04
OTHER|allopurinol|别嘌醇|519|M04AA01
OTHER|carbamazepine|卡马西平|2002|N03AF01
OTHER|phenytoin|苯妥英|8183|N03AB02
OTHER|vancomycin|万古霉素|11124|J01XA01
OTHER|ciprofloxacin|环丙沙星|2551|J01MA02
OTHER|levofloxacin|左氧氟沙星|82122|J01MA12
OTHER|moxifloxacin|莫西沙星|139462|J01MA14
OTHER|codeine|可待因|2670|R05DA04
OTHER|morphine|吗啡|7052|N02AA01
"""
_CODE = re.compile(r"[A-Z]\d\d[A-Z]{0,2}\d{0,2}")
# Gels, creams, eye drops and plasters act where they are put; the rules speak of the whole body.
_LOCAL = re.compile(
    r"\b(?:gel|cream|ointment|topical|ophthalmic|otic|patch|lotion)\b"
    r"|凝胶|乳膏|软膏|滴眼|滴耳|眼膏|贴膏|贴剂|搽剂|喷雾剂",
    re.IGNORECASE,
)


def _load() -> tuple[dict[str, Ingredient], dict[str, Ingredient], dict[str, Ingredient]]:
    names: dict[str, Ingredient] = {}
    rxnorm: dict[str, Ingredient] = {}
    atc: dict[str, Ingredient] = {}
    for row in _ROWS.split("\n"):
        if not row:
            continue
        group, english, chinese, concept, *rest = row.split("|")
        ingredient = Ingredient(english, Group[group])
        names[english] = names[chinese] = ingredient
        if concept:
            rxnorm[concept] = ingredient
        for item in filter(None, rest):
            (atc if _CODE.fullmatch(item) else names)[item] = ingredient
    # Co-trimoxazole's own codes name both of its parts.
    names["co-trimoxazole"] = names["复方磺胺甲噁唑"] = names["复方新诺明"] = names["trimethoprim"]
    atc["J01EE"] = names["trimethoprim"]
    rxnorm["7984"] = names["penicillin"]
    return names, rxnorm, atc


_NAMES, _RXNORM, _ATC = _load()
BY_NAME: Mapping[str, Ingredient] = _NAMES
_LATIN = re.compile(
    r"\b(?:" + "|".join(sorted((n for n in _NAMES if n.isascii()), key=len, reverse=True)) + r")\b"
)
_CHINESE = re.compile(
    "|".join(sorted((n for n in _NAMES if not n.isascii()), key=len, reverse=True))
)


@lru_cache(maxsize=8192)
def ingredients_in(name: str) -> frozenset[Ingredient]:
    """The known substances that a medicine's printed name contains."""
    lower = name.lower()
    found = _LATIN.findall(lower) + _CHINESE.findall(lower)
    return frozenset(_NAMES[word] for word in found)


def ingredient_of_rxnorm(code: str) -> Ingredient | None:
    """The substance of an RxNorm ingredient code; product codes are read by their names."""
    return _RXNORM.get(code)


def ingredient_of_atc(code: str) -> Ingredient | None:
    """The substance or, for a whole class such as insulins, the class of an ATC code."""
    return next((_ATC[code[:n]] for n in range(7, 2, -1) if code[:n] in _ATC), None)


def is_local(name: str) -> bool:
    """True for forms that act where they are applied."""
    return _LOCAL.search(name) is not None
