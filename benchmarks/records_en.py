"""Records drafted from English dialogues without a language model: ACI-Bench and MTS-Dialog."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measured import Measured
from benchmarks.rouge import rouge_l, rouge_l_sum
from benchmarks.shared import lines
from countersign.ground.reasoning import Reasoning
from countersign.rooms.records.domain.circumstances import key
from countersign.rooms.records.domain.drafting import draft
from countersign.rooms.records.domain.fact import Kind
from countersign.rooms.records.domain.judging import Linear, train
from countersign.rooms.records.domain.turns import turns_of
from countersign.rooms.records.inference import plain_reader
from countersign.rooms.records.service.heard import heard
from countersign.rooms.records.store import Kinds

Row = Mapping[str, Any]
Written = Callable[[Row], str]
_WORD = re.compile(r"[a-z0-9]+")
PUBLISHED = (
    ("aci", "BART + SAMSum by division, published (MEDCON)", "–", 0.486, 0.482),
    ("aci", "GPT-4, published (MEDCON)", "–", 0.460, 0.578),
)
HEADINGS = {
    "chief": "CHIEF COMPLAINT",
    "present": "HISTORY OF PRESENT ILLNESS",
    "past": "PAST HISTORY",
    "exam": "PHYSICAL EXAMINATION",
    "aux": "RESULTS",
    "diagnosis": "ASSESSMENT",
    "plan": "PLAN",
}


def measure(data: Path | None) -> Measured:
    """Test1 of both sets; the classifier of MTS's sections learns from its training part."""
    aci = [row for row in lines(data, "records/aci_bench.jsonl.gz") if row["split"] == "test1"]
    mts = lines(data, "records/mts_dialog.jsonl.gz")
    test = [row for row in mts if row["split"] == "test1"]
    headers = taught([row for row in mts if row["split"] == "train"])
    reasoning = Reasoning()
    ways: dict[str, tuple[Sequence[Row], str, dict[str, Written]]] = {
        "aci": (
            aci,
            "note",
            {"ours": lambda row: note(row, reasoning), "the conversation as it is": spoken},
        ),
        "mts": (
            test,
            "section_text",
            {
                "ours": lambda row: section(row, headers, reasoning),
                "what the patient said, as it is": patients,
            },
        ),
    }
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {}
    for name, (given, wanted, each) in ways.items():
        for way, written in each.items():
            said = [(written(row), str(row[wanted])) for row in given]
            score = _mean([rouge_l(words(a), words(b)) for a, b in said])
            summed = _mean([rouge_l_sum(_split(a), _split(b)) for a, b in said])
            shared = concepts(said, reasoning)
            rows.append((name, way, score, summed, shared))
            if way == "ours":
                figures |= {
                    f"rouge_l_{name}": round(score, 4),
                    f"rouge_l_sum_{name}": round(summed, 4),
                    f"concepts_{name}": round(shared, 4),
                }
            else:
                figures |= {
                    f"peer_rouge_l_{name}": round(score, 4),
                    f"peer_rouge_l_sum_{name}": round(summed, 4),
                }
    right = _mean(
        [float(headers.best(bag(row["dialogue"])) == row["section_header"]) for row in test]
    )
    return Measured(
        columns=("set", "way", "ROUGE-L", "rougeLsum", "concepts, F1"),
        rows=[*rows, *PUBLISHED],
        figures={**figures, "mts_sections": round(right, 4)},
        notes=_notes(len(aci), len(test)),
    )


def _notes(aci: int, mts: int) -> tuple[str, ...]:
    return (
        f"ACI-Bench test1, {aci} whole notes; MTS test1, {mts} sections",
        "ROUGE-L over words in small letters, one sequence for a note; rougeLsum, as "
        "published, over sentences, which end at a full stop or a line's end",
        "concepts: F1 of terms of the house's vocabulary (HPO) found in both texts. It stands "
        "where MEDCON counts UMLS concepts, and is not comparable with it in value",
        "MTS: the section is chosen by a linear model over words, taught on its training part",
    )


def note(row: Row, reasoning: Reasoning) -> str:
    """A whole outpatient note with the headings of this set."""
    kind = Kinds(None).one("outpatient")
    made = draft(kind, heard(row["dialogue"], plain_reader(), reasoning), "en")
    return "\n\n".join(
        f"{HEADINGS[one.section.id]}\n\n{one.text('en')}" for one in made.sections if one.sentences
    )


def section(row: Row, headers: Linear, reasoning: Reasoning) -> str:
    """One section: what the patient told, and for a review of systems what is denied."""
    header = headers.best(bag(row["dialogue"]))
    facts = heard(row["dialogue"], plain_reader(), reasoning)
    kind = Kinds(None).one("outpatient")
    if header == "ALLERGY" and not any(f.kind is Kind.ALLERGY for f in facts):
        return "No known drug allergies." if _denies(row["dialogue"]) else _joined(row, facts)
    if header in ("CC", "DIAGNOSIS"):
        made = draft(kind, facts, "en")
        texts = {one.section.id: one.text("en") for one in made.sections}
        return texts["chief" if header == "CC" else "diagnosis"] or _joined(row, facts)
    return _joined(row, facts)


def _joined(row: Row, facts: Sequence[Any]) -> str:
    kind = Kinds(None).one("outpatient")
    made = draft(kind, facts, "en")
    texts = {one.section.id: one.text("en") for one in made.sections}
    return " ".join(filter(None, (texts["present"], texts["past"]))) or patients(row)


def _denies(dialogue: str) -> bool:
    return any(
        not turn.staff and re.match(r"no\b|none|nope|not ", turn.text.lower())
        for turn in turns_of(dialogue)
    )


def taught(rows: Sequence[Row]) -> Linear:
    """Which section a conversation belongs to, from its words."""
    classes = sorted({row["section_header"] for row in rows})
    return train([(bag(row["dialogue"]), row["section_header"]) for row in rows], classes)


def bag(text: str) -> frozenset[int]:
    """Words and pairs of them, as numbers."""
    found = words(text)
    return frozenset(map(key, (*found, *map(" ".join, zip(found, found[1:], strict=False)))))


def words(text: str) -> list[str]:
    """Words in small letters."""
    return _WORD.findall(text.lower())


def _split(text: str) -> list[list[str]]:
    """The words of each sentence."""
    return [found for one in re.split(r"[.!?]\s|\n", text) if (found := words(one))]


def spoken(row: Row) -> str:
    """The conversation without who speaks."""
    return "\n".join(turn.text for turn in turns_of(row["dialogue"]))


def patients(row: Row) -> str:
    """What the patient said."""
    return " ".join(turn.text for turn in turns_of(row["dialogue"]) if not turn.staff)


def concepts(pairs: Sequence[tuple[str, str]], reasoning: Reasoning) -> float:
    """F1 of terms over all texts."""
    both = found = true = 0
    for said, wanted in pairs:
        a = {one.term for one in reasoning.read(said)}
        b = {one.term for one in reasoning.read(wanted)}
        both, found, true = both + len(a & b), found + len(a), true + len(b)
    return 2 * both / (found + true) if both else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
