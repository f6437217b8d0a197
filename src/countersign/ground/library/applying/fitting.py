"""Whether a text speaks of such a patient, of the patient's disease or of a medicine itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from countersign.kit.words import Words

from .facts import Fact, Person

_CHILDREN = re.compile(
    r"儿童|小儿|婴儿|新生儿|患儿|\b(child|children|infant|neonat|paediatric|pediatric)", re.I
)
_ADULTS = re.compile(r"成人|成年|\badults?\b", re.IGNORECASE)
_PREGNANCY = re.compile(
    r"妊娠|孕妇|孕期|哺乳|\b(pregnan|gestation|lactation|breast-?feeding)", re.I
)
_OLD = re.compile(r"老年|高龄|\b(elderly|older (adults|people|patients)|frail)", re.IGNORECASE)
_OF_THE_TEXT = re.compile(r"局限|参考文献|\blimits of this\b|\breferences\b", re.IGNORECASE)
_MALE = re.compile(r"前列腺|男性|\b(prostat|\bmen\b|male patients)", re.IGNORECASE)
_FEMALE = re.compile(r"女性|绝经|\b(women|menopaus|female)", re.IGNORECASE)
_ICD = re.compile(r"[A-Z]\d\d(\.|$)")


def fits(text: str, person: Person) -> tuple[list[Words], list[Words]]:
    """What of the person a passage speaks of, and what speaks against its applying."""
    good: list[Words] = []
    bad: list[Words] = []
    child = person.age is not None and person.age < 18
    if _PREGNANCY.search(text):
        if person.pregnant:
            good.append(Words("speaks of pregnancy", "涉及妊娠"))
        elif person.sex == "male" or (person.age or 0) > 60:
            bad.append(Words("speaks of pregnancy, not of this patient", "涉及妊娠，与该患者不符"))
    if _CHILDREN.search(text) and not _ADULTS.search(text) and person.age is not None and not child:
        bad.append(Words("speaks of children", "针对儿童"))
    if _ADULTS.search(text) and not _CHILDREN.search(text) and child:
        bad.append(Words("speaks of adults", "针对成人"))
    if _OLD.search(text) and (person.age or 0) >= 65:
        good.append(
            Words(f"speaks of older people; age {person.age}", f"涉及老年人；{person.age} 岁")
        )
    if _MALE.search(text) and not _FEMALE.search(text) and person.sex == "female":
        bad.append(Words("speaks of men", "针对男性"))
    if _FEMALE.search(text) and not _MALE.search(text) and person.sex == "male":
        bad.append(Words("speaks of women", "针对女性"))
    return good, bad


def of_the_text(headings: Sequence[str]) -> bool:
    """Whether a passage speaks of its own text, such as its limits, and so of no patient."""
    return bool(headings) and _OF_THE_TEXT.search(headings[-1]) is not None


def about_a_problem(title: str, icd10: Iterable[str], facts: Iterable[Fact]) -> bool:
    """Whether a document is about one of the problems among these facts, by code or by name."""
    codes = [code for code in icd10 if _ICD.match(code)]
    for fact in facts:
        if fact.kind not in ("problem", "pregnancy"):
            continue
        if any(_same_disease(mine, code) for mine in fact.codes for code in codes):
            return True
        if len(fact.label) > 1 and fact.label.lower() in title.lower():
            return True
    return False


def names_a_problem(text: str, facts: Iterable[Fact]) -> bool:
    """Whether a text names one of the problems among these facts."""
    return any(
        fact.kind in ("problem", "pregnancy") and len(fact.label) > 1 and fact.label in text
        for fact in facts
    )


def about_a_medicine(title: str, headings: Sequence[str], facts: Iterable[Fact]) -> bool:
    """Whether a document, or the part of it under these headings, is about one of the medicines."""
    said = " ".join((title, *headings)).lower()
    return any(
        fact.kind == "medicine" and len(fact.question) > 1 and fact.question.lower() in said
        for fact in facts
    )


def _same_disease(mine: str, code: str) -> bool:
    """N40 and N40.1 are: one of them names the other's category."""
    return bool(_ICD.match(mine)) and (mine.startswith(code) or code.startswith(mine))
