"""Turns what people write of a drug into tokens: substances, and classes named as such."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from countersign.kit.drugs import (
    SUBSTANCES,
    substance_of_rxnorm,
    substances_in,
    substances_of_atc,
    without_names,
)
from countersign.kit.words import Words

CLASS = "class:"
# What may stand beside a name without being a drug of its own: salts, forms, strengths, joints.
_BESIDE = re.compile(
    r"[\d.,%/()\[\]（）ⅠⅡⅢ:;×*'\"\-+、，。]+"
    r"|\b(?:mg|ml|mcg|ug|µg|g|kg|iu|u|unt|actuat|hr|meq|mmol|tablets?|tabs?|capsules?|caps?|oral"
    r"|injection|injectable|injections?|solution|suspension|syrup|inhaler|inhalation|spray|extended"
    r"|release|delayed|sustained|disintegrating|sublingual|chewable|prefilled|syringe|pen|topical|x"
    r"|nasal|powder|film|coated|metered|dose|product|pack|kit|and|with|for|of|in|day|daily|once"
    r"|hydrochloride|hcl|sodium|potassium|calcium|magnesium|sulfate|sulphate|phosphate|acetate"
    r"|maleate|mesylate|mesilate|besylate|besilate|tartrate|bitartrate|succinate|fumarate|citrate"
    r"|hydrobromide|bromide|chloride|nitrate|lactate|gluconate|axetil|disoproxil|alafenamide"
    r"|medoxomil|dihydrate|monohydrate|trihydrate|anhydrous|isophane|human|propionate|xinafoate)\b"
    r"|盐酸|硫酸|马来酸|富马酸|琥珀酸|酒石酸|重酒石酸|苯磺酸|甲磺酸|磷酸|醋酸|枸橼酸|氢溴酸|乳酸|硝酸|丙酸"
    r"|钠|钾|钙|镁|酯|注射用|注射液|口服|溶液|混悬液|缓释|控释|肠溶|分散|咀嚼|泡腾|片|胶囊|颗粒|散|丸|糖浆"
    r"|吸入|气雾剂|粉雾剂|喷雾剂|滴眼液|软膏|乳膏|凝胶|贴剂|栓|剂|粉针|复方|毫克|微克|毫升|克|单位|每日|一次|的|类"
)


@dataclass(frozen=True, slots=True)
class DrugClass:
    """A class by id: its name, what people call it, and the substances in it."""

    id: str
    name: Words
    names: tuple[str, ...]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: substances by English name, classes by id, and what is left unknown.

    ``within`` are the members of the classes: who is allergic to a class is so to each of them.
    """

    substances: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    within: frozenset[str] = frozenset()

    @property
    def tokens(self) -> frozenset[str]:
        """Substances, and classes as ``class:<id>``."""
        return self.substances | {CLASS + one for one in self.classes}

    @property
    def known(self) -> bool:
        """Whether anything in it could be checked."""
        return bool(self.substances or self.classes)


class Classes:
    """The classes of a pack, found by their names."""

    def __init__(self, classes: Mapping[str, DrugClass]) -> None:
        self.by_id = classes

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        found: list[tuple[re.Pattern[str], str]] = []
        for one in self.by_id.values():
            for name in (one.name.en, one.name.zh, *one.names):
                low = re.escape(name.lower().removesuffix("s" if name.isascii() else ""))
                ended = rf"(?<![a-z]){low}s?(?![a-z])" if name.isascii() else low
                found.append((re.compile(ended), one.id))
        return found

    def named(self, text: str, code: tuple[str, str] | None = None) -> Named:
        """What a printed name and, if there is one, its code (``rxnorm`` or ``atc``) stand for.

        The name of a class goes before a substance that it contains ("inhibitors of the reuptake
        of noradrenaline" names no noradrenaline); elsewhere substances go before classes.
        """
        low = text.lower()
        found = [(match[0], place) for pattern, place in self._patterns
                 if (match := pattern.search(low))]  # fmt: skip
        said = [(name, place) for name, place in found if _is_more(name)]
        rest = low
        for name, _ in said:
            rest = rest.replace(name, " ")
        substances = {one.name for one in substances_in(rest)}
        if code is not None and code[0] == "atc":
            substances |= {one.name for one in substances_of_atc(code[1])}
        elif code is not None and (one := substance_of_rxnorm(code[1])) is not None:
            substances.add(one.name)
        places = {place for _, place in (said if substances else found)}
        within = frozenset[str]().union(*(self.by_id[place].members for place in places))
        left = () if places and not substances else _left(rest)
        return Named(frozenset(substances), frozenset(places), left, within)

    def tokens(self, name: str) -> frozenset[str]:
        """The tokens of a class id or of a substance. Raises KeyError for neither."""
        if name in self.by_id:
            return self.by_id[name].members | {CLASS + name}
        return frozenset((SUBSTANCES[name].name,))


def _is_more(name: str) -> bool:
    """Whether the name of a class holds a substance's and says more than to list substances."""
    return bool(substances_in(name)) and bool(_left(name.replace("与", " ").replace("或", " ")))


def _left(text: str) -> tuple[str, ...]:
    """Words of a name that no table knows, each part by itself; salts and forms do not count."""
    rest = _BESIDE.sub(" ", without_names(text))
    return tuple(word for word in rest.split() if len(word) > 1)
