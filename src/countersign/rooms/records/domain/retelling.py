"""Retells what a patient says of herself in the third person, where its grammar can be kept."""

from __future__ import annotations

import re

_FILLED = re.compile(
    r"\b(?:uh+|um+|hmm+|mm-hmm|you know|i mean|i guess|well|yeah|yes|yep|no|okay|ok|oh|so|like|"
    r"actually|doctor|sure|right)\b\s*,?\s*",
    re.IGNORECASE,
)
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
    (r"\bmyself\b", "{who}"),
)
_LEFT = re.compile(r"\b(?:i|my|me|we|our|us|you|your)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!]+[.?!]?")
SHORTEST, LONGEST = 4, 60
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
    for pattern, into in _OWN:
        text = re.sub(pattern, into.format(who=who, own=own), text)
    if _LEFT.search(text) or not SHORTEST <= len(text.split()) <= LONGEST or who not in text:
        return ""
    return text


def sentences(said: str) -> list[tuple[str, int]]:
    """The sentences of a turn with where each begins."""
    return [(one[0].strip(), one.start()) for one in _SENTENCE.finditer(said) if one[0].strip()]
