"""Marks what cannot be true together: sides, sex, dates, allergies, and what was copied forward."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from countersign.kit.drugs import Substance, substances_in
from countersign.kit.words import Words

_SIDES = re.compile(
    r"(?P<zh>左|右|双)(?:侧|边|上|下)*(?P<part>[一-鿿]{1,3})|\b(?P<en>left|right)\s+(?P<organ>[a-z]+)",
    re.IGNORECASE,
)
_FEMALE = re.compile(
    r"子宫|卵巢|宫颈|阴道|月经|妊娠|怀孕|停经|孕\d|uterus|ovar|cervix|pregnan|menstru",
    re.IGNORECASE,
)
_MALE = re.compile(r"前列腺|睾丸|阴茎|附睾|prostat|testic|testis|penis", re.IGNORECASE)
_HIS = re.compile(
    r"(?<![一-鿿])(?:男|男性)(?=[，,。\s\d])|\b(?:he|his|male|gentleman)\b", re.IGNORECASE
)
_HERS = re.compile(
    r"(?<![一-鿿])(?:女|女性)(?=[，,。\s\d])|\b(?:she|her|female|lady)\b", re.IGNORECASE
)
_DAY = re.compile(r"(?P<y>(?:19|20)\d{2})[-年/.](?P<m>\d{1,2})[-月/.](?P<d>\d{1,2})(?:日)?")
_RELATIVES = re.compile(
    r"母|父|妻|夫|姐|妹|兄|弟|女儿|儿子|wife|husband|mother|father|sister|brother", re.I
)
COPIED = 60
"""Signs in a row of an earlier record that make a passage a copy."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``code`` is one of side, sex, date, allergy, copied; ``sections`` are the ones concerned."""

    code: str
    words: Words
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the text: ``sex`` male, female or empty; ``earlier`` records' texts;
    ``allergies`` named in the chart; ``restated`` sentences of this record that the chart of today
    says, which two records may have in common.
    """

    today: date
    sex: str = ""
    born: date | None = None
    allergies: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()


def contradictions(texts: Mapping[str, str], known: Known) -> tuple[Contradiction, ...]:
    """Of a record's sections, by section, and of what is known of the patient."""
    return (
        *_sides(texts),
        *_sexes(texts, known.sex),
        *_dates(texts, known),
        *_allergic(texts, known.allergies),
        *_denied(texts),
        *_copied(texts, known),
    )


def sides(text: str) -> dict[str, set[str]]:
    """For each part of the body the sides that a text gives it."""
    found: dict[str, set[str]] = {}
    for match in _SIDES.finditer(text):
        side = {"left": "左", "right": "右"}.get((match["en"] or "").lower(), match["zh"] or "")
        part = match["part"] or (match["organ"] or "").lower()
        for size in range(len(part), 0, -1) if match["part"] else (len(part),):
            found.setdefault(part[:size], set()).add(side)
    return found


def _sides(texts: Mapping[str, str]) -> list[Contradiction]:
    """A part of two signs or more that is left in one section and right in another, never both."""
    seen = {name: sides(text) for name, text in texts.items()}
    found: list[Contradiction] = []
    told: set[str] = set()
    for one, first in seen.items():
        for other, second in seen.items():
            if one >= other:
                continue
            for part in sorted(first.keys() & second.keys(), key=lambda p: -len(p)):
                a, b = first[part], second[part]
                clash = a == {"左"} and b == {"右"} or a == {"右"} and b == {"左"}
                if clash and len(part) >= 2 and not any(part in longer for longer in told):
                    told.add(part)
                    words = Words(f"“{part}” is left in one place and right in another.",
                                  f"“{part}”在一处为左、在另一处为右。")  # fmt: skip
                    found.append(Contradiction("side", words, (one, other)))
    return found


def _sexes(texts: Mapping[str, str], sex: str) -> list[Contradiction]:
    organs, pronouns = {"male": (_FEMALE, _HERS), "female": (_MALE, _HIS)}.get(sex, (None, None))
    found: list[Contradiction] = []
    for name, text in texts.items():
        own = " ".join(
            part for part in re.split(r"[。；;.\n]", text) if not _RELATIVES.search(part)
        )
        for pattern in filter(None, (organs, pronouns)):
            match = pattern.search(own)
            if match:
                words = Words(f"“{match[0]}” does not go with the sex in the chart.",
                              f"“{match[0]}”与病历中的性别不符。")  # fmt: skip
                found.append(Contradiction("sex", words, (name,)))
                break
    return found


def _dates(texts: Mapping[str, str], known: Known) -> list[Contradiction]:
    found: list[Contradiction] = []
    for name, text in texts.items():
        for match in _DAY.finditer(text):
            problem = _wrong_day(match, known)
            if problem:
                found.append(Contradiction("date", problem, (name,)))
    return found


def _wrong_day(match: re.Match[str], known: Known) -> Words | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return Words(f"{match[0]} is no day of the calendar.", f"{match[0]} 不是有效日期。")
    if known.born and day < known.born:
        return Words(f"{match[0]} is before the birth.", f"{match[0]} 早于出生日期。")
    if (day - known.today).days > 366:
        return Words(f"{match[0]} lies far ahead.", f"{match[0]} 远在将来。")
    return None


def _allergic(texts: Mapping[str, str], charted: Sequence[str]) -> list[Contradiction]:
    """A substance that the patient is allergic to, by chart or text, and that the plan names."""
    said = [
        (match[1] or match[2]).strip()
        for text in texts.values()
        for match in re.finditer(r"对([^，。；;]{1,20}?)过敏|[Aa]llergic to ([^,.;]{2,40})", text)
    ]
    groups = {group: name for name in (*charted, *said) for group in _groups(name)}
    found: list[Contradiction] = []
    for section in ("plan", "treatment", "measures"):
        text = texts.get(section, "")
        for one in sorted(substances_in(text), key=lambda substance: substance.name):
            name = next((groups[group] for group in _of(one) if group in groups), "")
            if name:
                words = Words(
                    f"The plan holds {one.name}; the patient is said to be allergic to {name}.",
                    f"处置中含{one.chinese or one.name}，而患者对{name}过敏。",
                )
                found.append(Contradiction("allergy", words, (section,)))
        for name in dict.fromkeys((*charted, *said)):
            if len(name) >= 2 and name in text and not _groups(name):
                words = Words(f"The plan names {name}, to which the patient is allergic.",
                              f"处置中提到{name}，而患者对其过敏。")  # fmt: skip
                found.append(Contradiction("allergy", words, (section,)))
    return found


_DENIES = re.compile(r"(?:否认|无)(?:已知)?(?:药物|食物)?过敏|[Nn]o known allerg|NKDA")
_NAMES = re.compile(r"对[^，。；;]{1,20}?过敏|[Aa]llergic to [^,.;]{2,40}")


def _denied(texts: Mapping[str, str]) -> list[Contradiction]:
    """One source says that there is no allergy, another names one: somebody has to ask."""
    denies = [name for name, text in texts.items() if _DENIES.search(text)]
    names = [(name, match[0]) for name, text in texts.items() if (match := _NAMES.search(text))]
    if not denies or not names:
        return []
    where, said = names[0]
    words = Words(
        f"Allergies are denied, and yet it says “{said}”.", f"既否认过敏史，又写有“{said}”。"
    )
    return [Contradiction("allergy", words, tuple(dict.fromkeys((*denies, where))))]


_CROSSING = ("J01C", "J01D", "J01E", "J01F", "J01M", "M01A")
"""Groups of ATC within which an allergy to one substance speaks against its neighbours."""


def _groups(text: str) -> set[str]:
    return {group for one in substances_in(text) for group in _of(one)} | {
        group for word, group in _CLASSES if word in text.lower()
    }


_CLASSES = (("青霉素", "J01C"), ("penicillin", "J01C"), ("头孢", "J01D"), ("cephalosporin", "J01D"),
            ("磺胺", "J01E"), ("sulfa", "J01E"), ("喹诺酮", "J01M"))  # fmt: skip


def _of(one: Substance) -> set[str]:
    return {one.name, *(code[:4] for code in one.atc if code.startswith(_CROSSING))}


def _copied(texts: Mapping[str, str], known: Known) -> list[Contradiction]:
    found: list[Contradiction] = []
    past = [re.sub(r"\s+", "", one) for one in known.earlier]
    again = sorted((re.sub(r"\s+", "", one) for one in known.restated), key=len, reverse=True)
    for name, text in texts.items():
        bare = re.sub(r"\s+", "", text)
        for one in filter(None, again):
            bare = bare.replace(one, "\n")
        pieces = (bare[i : i + COPIED] for i in range(0, max(0, len(bare) - COPIED + 1), 10))
        if any(piece in one for piece in pieces for one in past):
            words = Words("A passage stands word for word in an earlier record: is it still true?",
                          "有一段与既往病历逐字相同，请核对是否仍符合现状。")  # fmt: skip
            found.append(Contradiction("copied", words, (name,)))
    return found
