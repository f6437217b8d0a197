"""Retells what a patient says of herself in the third person, where its grammar can be kept."""

from __future__ import annotations

import re
from itertools import pairwise

from .fillers import ANSWERING, FILLERS

_FILLED = re.compile(rf"\b(?:{FILLERS}|{ANSWERING})\b\s*,?\s*", re.IGNORECASE)
_LEADING = re.compile(rf"^(?:{_FILLED.pattern})+", re.IGNORECASE)
_FIXED = (
    (r"\bi'm\b|\bi am\b", "{who} is"),
    (r"\bi've\b|\bi have\b", "{who} has"),
    (r"\bi'd\b", "{who} would"),
    (r"\bi'll\b|\bi will\b", "{who} will"),
    (r"\bi don't\b|\bi do not\b", "{who} does not"),
    (r"\bi haven't\b|\bi have not\b", "{who} has not"),
    (r"\bi was\b", "{who} was"),
    (r"\bi do\b", "{who} does"),
)
_PLAIN = re.compile(
    r"\bi (?P<adverb>(?:also|just|usually|always|never|really|sometimes|often|still) )?"
    r"(?P<verb>take|feel|get|go|work|live|smoke|drink|use|eat|sleep|think|need|want|see|keep|try|"
    r"notice|wake|know|run|walk|wear|hear|hurt|start|stop|check|watch|make|give|come|say|cough|"
    r"vomit|sweat|struggle|exercise|remember|look)\b"
)
_PAST = re.compile(
    r"\bi (?P<adverb>(?:also|just|never|really|actually) )?"
    r"(?P<verb>[a-z]{2,}ed|had|took|felt|got|went|came|said|saw|did|could|would|can|should|may|"
    r"might|must|began|became|fell|broke|hit|hurt|kept|knew|made|quit|ran|thought|told|woke|used)\b"
)
_OWN = (
    (r"\bmy\b", "{own}"),
    (r"\bmine\b", "{own}"),
    (r"\bme\b", "{who}"),
    (r"\bmyself\b", "themselves"),
)
_LEFT = re.compile(r"\b(?:i|my|me|we|our|us|you|your)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!]+[.?!]?")
_BEGINS = re.compile(
    r"(?:for|since|in|on|at|over|after|when|if|every|about|last|usually|sometimes|recently|"
    r"yesterday|today|lately|currently|once|whenever|before|during|because)\b[^.]{0,40}\b{who}\b|"
    r"{who}\b|(?:it|this|that|there|the|both|one|some|a|an|no|nothing|two|three)\b"
)
"""How a statement begins: with her, with a time or a reason and her, or with what she tells of."""

_BROKEN_OFF = re.compile(
    r"\b(?:and|but|or|so|because|the|a|an|to|of|is|was|has|have|not|that|than|with|if|when|it's|"
    r"does|do|like|just|my|their|would|at|for|in|on|but it|i'm|we're|they're)$"
)
_GOES_ON = re.compile(
    r"(?<=\s)(?:(?:okay|and|but) )?(?:so|now|then|also|listening to|as far as|for the)\b(?! that\b)"
)
SHORTEST, LONGEST = 5, 30
"""Words of a sentence that is retold."""


def third(verb: str) -> str:
    """takes · goes · tries · watches."""
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def retold(said: str, who: str = "the patient", own: str = "the patient's") -> str:
    """The sentence in the third person, or nothing where that cannot be done with certainty."""
    text = re.sub(r"\s+([,.;!?'])", r"\1", said.strip().lower().replace("’", "'"))
    if text.endswith("?"):
        return ""
    text = _LEADING.sub("", text).strip(" ,.!;-")
    for pattern, into in _FIXED:
        text = re.sub(pattern, into.format(who=who), text)
    text = _PAST.sub(lambda m: f"{who} {m['adverb'] or ''}{m['verb']}", text)
    text = _PLAIN.sub(lambda m: f"{who} {m['adverb'] or ''}{third(m['verb'])}", text)
    if who in text:
        begin = text.index(who)
        text = text[:begin] + re.sub(r"\bmy\b", "their", text[begin:])
    for pattern, into in _OWN:
        text = re.sub(pattern, into.format(who=who, own=own), text)
    if _LEFT.search(text) or not SHORTEST <= len(text.split()) <= LONGEST or broken_off(text):
        return ""
    return text if re.match(_BEGINS.pattern.replace("{who}", re.escape(who)), text) else ""


def broken_off(text: str) -> bool:
    """Whether a sentence ends where none can."""
    return bool(_BROKEN_OFF.search(text))


def sentences(said: str) -> list[tuple[str, int]]:
    """The sentences of a turn with where each begins.

    A transcript without stops is cut where people go on: “so”, “and then”, “now”.
    """
    found: list[tuple[str, int]] = []
    for one in _SENTENCE.finditer(said):
        cuts = [one.start(), one.end()]
        if len(one[0].split()) > LONGEST:
            cuts[1:1] = [one.start() + cut.start() for cut in _GOES_ON.finditer(one[0])]
        for begin, end in pairwise(cuts):
            words = said[begin:end]
            if words.strip():
                found.append((words.strip(), begin))
    return found
