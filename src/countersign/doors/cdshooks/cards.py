"""Writes drafts and limits as cards of CDS Hooks 2.0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from countersign.ground.library import Found
from countersign.ground.shell import HookCard, Suggestion
from countersign.ground.signoff import REASON_SYSTEM, REASONS, Card, NoConfidence, Urgency
from countersign.kit.ids import NewId
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

SUMMARY = 140
"""Characters that the standard allows for a summary."""

QUOTED = 280
"""Characters of a passage on a card; the whole stands in the library."""

TOPIC: Final = "urn:countersign:draft"
INDICATORS: Final[dict[Urgency, Literal["info", "warning", "critical"]]] = {
    Urgency.CRITICAL: "critical",
    Urgency.URGENT: "warning",
    Urgency.SOON: "info",
    Urgency.ROUTINE: "info",
}
DRAFT = Words(
    "**Draft of a model, signed by nobody.** It reaches the chart only when a physician signs it.",
    "**模型草稿，尚未签署。** 经医师签署后才会写入病历。",
)
SIGNING = Words(
    "Accepting this card signs the draft in your name.", "采纳此卡片即以您的名义签署该草稿。"
)
LINKED = Words(
    "Open it in Countersign to sign, change or reject it.",
    "请在 Countersign 中打开以签署、修改或否决。",
)
RATIONALE, LIMITS = Words("Why", "依据"), Words("Limits", "局限")
LIBRARY = Words("From the library", "知识库")
CONFIDENCE = Words("Confidence", "把握程度")
RECEIPT = Words("Receipt", "回执")
ACCEPT, OPEN = (
    Words("Accept and sign", "采纳并签署"),
    Words("Open in Countersign", "在 Countersign 中打开"),
)
INCOMPLETE = Words("Not everything was considered", "未能考虑全部信息")
NOTHING = Words("No answer about this patient", "无法就该患者作答")
_MARKS = re.compile(r"([\\`*_\[\]#|~])")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom cards are written: the language, our own address, the patient as the calling
    system knows them, and whether that system can launch our pages (SMART).
    """

    language: Language
    root: str
    patient: str
    launches: bool = False


def card(
    shown: Card, wanted: HookCard, quotes: Sequence[Found], reader: Reader, new_id: NewId
) -> JSON:
    """One draft. ``quotes`` are passages of the library about it."""
    draft, language = shown.draft, reader.language
    head = draft.head
    said: JSON = {
        "uuid": shown.id,
        "summary": cut(draft.body.title.into(language), SUMMARY),
        "indicator": wanted.indicator or INDICATORS[head.urgency],
        "detail": _detail(shown, quotes, language),
        "source": {
            "label": f"Countersign · {draft.explanation.model.label}",
            "url": f"{reader.root}/inbox/{head.id}",
            "topic": {"system": TOPIC, "code": f"{head.room}.{head.kind}"},
        },
        "overrideReasons": [
            {"system": REASON_SYSTEM, "code": code, "display": words.into(language)}
            for code, words in REASONS.items()
        ],
        "links": _links(head.id, reader),
    }
    if shown.signable:
        said["suggestions"] = _suggestions(wanted.suggestions, reader, new_id)
        said["selectionBehavior"] = "at-most-one"
    return said


def _links(draft: str, reader: Reader) -> list[JSON]:
    """To the draft in our own pages; where SMART can be launched, with the patient at once."""
    label = OPEN.into(reader.language)
    links: list[JSON] = [
        {"label": label, "url": f"{reader.root}/inbox/{draft}", "type": "absolute"}
    ]
    if reader.launches:
        smart = {"url": f"{reader.root}/workstations/launch", "type": "smart"}
        links.append({"label": f"{label} (SMART)", **smart, "appContext": draft})
    return links


def notice(title: Words, reasons: Sequence[Words], reader: Reader) -> JSON:
    """What the answer leaves out, or why there is none; it holds nothing that a model said."""
    return {
        "summary": title.into(reader.language),
        "indicator": "info",
        "detail": "\n".join(f"- {plain(one.into(reader.language))}" for one in reasons),
        "source": {"label": "Countersign", "url": reader.root},
    }


def _detail(shown: Card, quotes: Sequence[Found], language: Language) -> str:
    draft = shown.draft
    explained = draft.explanation
    parts = [
        f"{DRAFT.into(language)} {(SIGNING if shown.signable else LINKED).into(language)}",
        plain(draft.body.text.into(language)),
        f"**{RATIONALE.into(language)}:** {plain(explained.rationale.into(language))}",
        f"**{LIMITS.into(language)}:**\n"
        + "\n".join(f"- {plain(one.into(language))}" for one in explained.limits),
        f"**{CONFIDENCE.into(language)}:** {_confidence(shown, language)}",
    ]
    if quotes:
        lines = "\n".join(f"> {_quote(one)}" for one in quotes)
        parts.append(f"**{LIBRARY.into(language)}:**\n{lines}")
    parts.append(f"{RECEIPT.into(language)} {shown.receipt.index} · {shown.receipt.leaf_hash[:16]}")
    return "\n\n".join(parts)


def _confidence(shown: Card, language: Language) -> str:
    confidence = shown.draft.explanation.confidence
    if isinstance(confidence, NoConfidence):
        return plain(confidence.reason.into(language))
    return f"{confidence.value:.0%} · {plain(confidence.method.into(language))}"


def _quote(found: Found) -> str:
    text = cut(" ".join(found.hit.passage.text.split()), QUOTED)
    return f"“{plain(text)}” — {plain(found.document.card.title)}"


def _suggestions(given: Sequence[Suggestion], reader: Reader, new_id: NewId) -> list[JSON]:
    """What a room suggests; where it suggests nothing, accepting the draft itself."""
    if not given:
        return [{"label": ACCEPT.into(reader.language), "uuid": new_id()}]
    return [
        {
            "label": one.label.into(reader.language),
            "uuid": new_id(),
            "actions": _actions(one, reader),
        }
        for one in given
    ]


def _actions(one: Suggestion, reader: Reader) -> list[JSON]:
    label, theirs = one.label.into(reader.language), {"reference": f"Patient/{reader.patient}"}
    created = [
        {
            "type": "create",
            "description": label,
            "resource": {**resource, _owner(resource): theirs},
        }
        for resource in one.create
    ]
    deleted = [{"type": "delete", "description": label, "resourceId": name} for name in one.delete]
    return [*created, *deleted]


def _owner(resource: JSON) -> str:
    return "patient" if "patient" in resource else "subject"


def cut(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def plain(text: str) -> str:
    """Text that a Markdown reader shows as it is: no link, no picture, no HTML from a chart."""
    marked = _MARKS.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return marked.replace(">", "&gt;").replace("://", "&#58;//")
