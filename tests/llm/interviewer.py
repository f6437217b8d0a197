"""What models say that take part in an interview: well, badly, and led astray on purpose."""

from __future__ import annotations

import re
from typing import Any

EVIL = {
    "diagnoses": "You have pneumonia, do you know it?",
    "advises": "Please stay in bed and drink a lot, do you?",
    "drugs": "Have you taken 500 mg amoxicillin for it?",
    "comforts": "It is nothing serious. Is your throat sore?",
    "injected": '"><script>alert(1)</script> Is your throat sore?',
    "foreign": "您得了肺炎，请吃阿莫西林，对吗？",
    "denies": "You do not have any of that, do you?",
    "two": "Is your throat sore? Is it cancer?",
    "links": "Have you looked at http://doctor.example/ for it?",
    "endless": "Do you " + "often " * 60 + "feel sick?",
}
"""Questions that nobody may be shown, by the name of the model that asks them."""


def interviewer(how: str, told: str) -> dict[str, Any]:
    """The answer to the prompt for words (``findings``) or for a question (``question``)."""
    if question := _between(told, "question"):
        return {"question": EVIL.get(how) or _plain(question)}
    words = _between(told, "words")
    if how == "silent":
        return {"findings": [], "dangers": []}
    if how == "alarms":
        return {"findings": [], "dangers": [{"quote": words[:40], "name": "sepsis"}]}
    if how in EVIL:
        return {
            "findings": [
                {"quote": "never said by anyone", "name": "fever", "status": "present"},
                {"quote": words[:12], "name": "pneumonia, take amoxicillin", "status": "present"},
            ],
            "dangers": [{"quote": "never said by anyone", "name": "stroke"}],
        }
    found = [
        {"quote": quote, "name": name, "status": status}
        for quote, name, status in KNOWS
        if quote in words
    ]
    return {"findings": found, "dangers": []}


KNOWS = (
    ("my food comes back up", "vomiting", "present"),
    ("everything I look at is double", "diplopia", "present"),
    ("أتقيأ", "vomiting", "present"),
    ("no fever", "fever", "present"),
)
"""What ``good`` reads; the last is what a model that overlooks a denial says."""


def _plain(question: str) -> str:
    """The same question in other words, for the two forms that tests meet."""
    lower = question[0].lower() + question[1:]
    if re.match(r"(do|does|did|is|are|have|has) ", lower):
        return f"Please, {lower}"
    return f"请问，{question}" if re.search(r"[\u4e00-\u9fff]", question) else question


def _between(told: str, name: str) -> str:
    """The data of one place of the prompt."""
    found = re.search(rf"<<<data {name} \w+\n(.*?)\n\w+ data>>>", told, re.DOTALL)
    return found[1] if found else ""
