"""Turns what a doctor says to a patient into sentences of the record, where grammar can be kept."""

from __future__ import annotations

import re

from .fillers import ASSENT, FILLERS, HESITATIONS, OPENING, STRENGTHENING, VAGUE
from .retelling import broken_off, third

_FILLERS = re.compile(rf"(?:,\s*)?\b(?:{FILLERS}|{VAGUE})\b(?:\s*,)?", re.IGNORECASE)
_BEGUN_AGAIN = re.compile(
    rf"\b(\w+ \w+)(?: \w+){{0,3}}\s*,\s*(?:(?:{HESITATIONS})\s*,\s*)+(?=\1\b)", re.IGNORECASE
)  # "there is no, uh, there is a little"
_BROKEN = re.compile(r"\b\w+-(?=\s)")
_TWICE = re.compile(
    r"\b((?:[a-z']+)(?:\s[a-z']+){0,3})(?:\s*,?\s+\1\b)+", re.IGNORECASE
)  # "it, it" · "is a, is a" · "the patient feels, the patient feels"
_SPLIT = (
    (r"\s+(n't|'s|'m|'re|'ve|'ll|'d)\b", r"\1"), (r"\bca n't\b", "can't"),
    (r"\b(wan|gon) na\b", r"\1na"), (r"\bwanna\b", "want to"), (r"\bgonna\b", "going to"),
    (r"\bkinda\b", "kind of"), (r"\s+([,.;:!?])", r"\1"), (r"[, ]*\.\.\.+\s*", ", "),
    (r",(?:\s*,)+", ","), (r"\s+", " "),
)  # fmt: skip
_ASIDE = re.compile(
    r"\bdragon\b|\bshow me\b|\blet me\b|\bcome with me\b|\bquestions?\b|\bchecked out\b|"
    r"\bgood (?:news|to see|to hear)\b|\blet's (?:take|talk|look|do|see|review|check|start)\b|"
    r"\btell me\b|\blook(?:ing)? at\b.*\bhere\b$|\bquick (?:exam|physical)|\bi know\b|"
    r"\bhave a seat\b|\bproud\b|\bforget\b|\bplease\b|\bsorry\b|\bexcuse me\b|\banyway\b|"
    r"\bcomputer\b|\bassessment\b|\bdetermination\b|\bgo over\b|\bcalling out\b|\bso far\b|"
    r"\bthank|\bhow are you\b|\b(?:does that|is that) (?:sound|okay)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(rf"^(?:(?:{OPENING})\b[\s,]*)+", re.IGNORECASE)
_AHEAD = re.compile("|".join(rf"\b{one}\s+" for one in STRENGTHENING), re.IGNORECASE)
_WHAT = re.compile(
    r"\bwhat (?:i'm|i am|we're|we are) going to do (?:for (?:that|this) |now |then )?is (?:also )?"
    r"(?:(?:i'm|i am|we're|we are) )?(?:also )?(?:going to )?",
    re.IGNORECASE,
)
_PLANS = re.compile(
    r"\b(?:i'm|i am|we're|we are) (?:also )?going to\b|\bi'd like to\b|\bi would like to\b|"
    r"\bi want to\b|\bwe'll\b|\bi'll\b|\blet's\b",
    re.IGNORECASE,
)
_WANTED = re.compile(r"\bi(?: would|'d)? (?:also )?(?:want|like|need) you to\b", re.IGNORECASE)
_OWN = (
    (r"\byou're\b|\byou are\b", "the patient is"),
    (r"\byou've\b|\byou do have\b|\byou have\b", "the patient has"),
    (r"\byou'll\b", "the patient will"),
    (r"\byou don't\b|\byou do not\b", "the patient does not"),
    (r"\byou were\b", "the patient was"),
    (r"\byourself\b", "themselves"),
    (r"\byours\b", "theirs"),
)
_DOES = re.compile(
    r"\byou (?P<verb>take|feel|get|go|need|want|see|keep|notice|know|start|stop|say|come|look|use|"
    r"eat|drink|smoke|exercise|work|live|think)\b"
)
_MAY = re.compile(
    r"\byou (?=(?:can|could|should|may|might|must|will|would|had|did|also|still|"
    r"[a-z]{3,}ed|came|felt|got|took|went|said|told|saw)\b)"
)
_OBJECT = re.compile(
    r"\b(?P<verb>give|put|have|see|refer|start|get|keep|send|let|help|call|prescribe|order|place|"
    r"switch|schedule|bring|for|with|to|on|of|from|at|about|around|treat|allow|recommend|advise)"
    r" you\b"
)
_LEFT = re.compile(rf"\b(?:you|y'all|{ASSENT})\b", re.IGNORECASE)
_LONE = re.compile(r"\bi\b(?=$|[\s',])")
_CAPITALS = re.compile(
    r"\b(?:mri|ct|ekg|ecg|a1c|bnp|er|icu|copd|gerd|ibs|bmi|emg|tsh|psa|hiv|cbc|cmp|acl|mcl|uti|"
    r"dvt|cpap|jvd|afib|nsaids?|covid)\b"
)
_ASKED = re.compile(r"\b(?:do|does|did|is|are|was|has|can|could) (?:the patient|that|it)\b")
SHORTEST, LONGEST = 4, 40
"""Words of a sentence that is worth a place."""


def tidied(said: str) -> str:
    """One sentence without fillers and repetitions, with the spaces and the I of writing."""
    text = said.strip().replace("’", "'")
    for pattern, into in _SPLIT:
        text = re.sub(pattern, into, text)
    text = _BROKEN.sub("", _BEGUN_AGAIN.sub("", text))
    text = _FILLERS.sub(" ", text)
    for pattern, into in _SPLIT:
        text = re.sub(pattern, into, text)
    return _LONE.sub("I", _TWICE.sub(r"\1", text)).strip(" ,;-")


def stated(said: str) -> str:
    """What a doctor says as a sentence of her record; nothing where it is no statement for it.

    She stays “I” and “we”; the person spoken to becomes the patient.
    """
    text = tidied(said).strip(" .!,").lower()
    if said.strip().endswith("?") or _ASIDE.search(text):
        return ""
    text = _AHEAD.sub("", _OPENS.sub("", text))
    text = _WHAT.sub("we will ", text)
    text = _PLANS.sub("we will", _WANTED.sub("the patient is to", text))
    for pattern, into in _OWN:
        text = re.sub(pattern, into, text)
    text = _OBJECT.sub(lambda found: f"{found['verb']} the patient", text)
    text = _DOES.sub(lambda found: f"the patient {third(found['verb'])}", text)
    text = _MAY.sub("the patient ", text)
    text = re.sub(r"\byour\b", "their" if "the patient" in text else "the", text)
    short = SHORTEST <= len(text.split()) <= LONGEST
    if not short or _LEFT.search(text) or _ASKED.search(text) or broken_off(text):
        return ""
    return written(text)


def written(text: str) -> str:
    """With I and the customary capitals of tests and places."""
    return _CAPITALS.sub(lambda found: found[0].upper(), _LONE.sub("I", text)).strip(" ,")
