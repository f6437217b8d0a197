"""Tries the written knowledge of common conditions, untrained, on Chinese children's cases."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.inquiry import MOST, Dialogue, crossed, dialogues, naive_bayes
from benchmarks.measured import Measured
from countersign.ground.reasoning import Finding, Ranking, Status
from countersign.ground.reasoning.conditions import CommonConditions
from countersign.ground.reasoning.inquiry import Answer, Case

AGE = 4.0
"""Years; the set gives none, and its diagnoses are children's."""

TERMS = {
    "咳嗽": "cough", "流涕": "rhinorrhea", "过敏": "allergic-history", "打喷嚏": "sneeze",
    "烦躁不安": "irritability", "喘气": "dyspnea", "发烧": "fever", "肺部湿啰音": "crackles",
    "咳痰": "productive-cough", "精神萎靡": "drowsiness", "咽部不适": "pharyngalgia",
    "疱疹": "skin-vesicle", "皮疹": "skin-rash", "呕吐": "vomiting", "稀便": "diarrhea",
    "腹胀": "abdominal-distention", "厌食": "anorexia", "尿少": "dehydration",
    "蛋花样便": "diarrhea", "反胃": "nausea", "鼻塞": "nasal-congestion", "绿便": "diarrhea",
    "呼吸困难": "dyspnea", "抽搐": "seizure", "肺部阴影": "pulmonary-infiltrates",
    "揉鼻子": "itchy-nose", "流口水": "drooling", "揉眼睛": "ocular-pruritus",
    "盗汗": "night-sweats", "头痛": "headache", "腹痛": "abdominal-pain",
    "淋巴结肿大": "cervical-lymphadenopathy", "体重减轻": "weight-loss",
}  # fmt: skip
"""The set's names of findings and ours; the ten others are left out."""

LABELS = {
    "上呼吸道感染": ("ICD10:J00", "ICD10:J02.8", "ICD10:J02.0", "ICD10:J10.1"),
    "过敏性鼻炎": ("ICD10:J30.4",),
    "小儿腹泻": ("ICD10:A09", "ICD10:A03.9"),
    "小儿手足口病": ("ICD10:B08.4",),
    "肺炎": ("ICD10:J18.9",),
}
STATUS = {
    Answer.YES: Status.PRESENT,
    Answer.NO: Status.ABSENT,
    Answer.UNSURE: Status.UNCERTAIN,
}


def measure(data: Path | None) -> Measured:
    """Everything told and asked is known; right is any of our conditions that the label covers."""
    cases = dialogues(data, "dxy")
    engine = CommonConditions.open()
    every = len(engine.knowledge.conditions)
    rankings = [engine.rank(findings(engine, one.case), AGE, limit=every) for one in cases]
    ranks = [rank(found, one) for found, one in zip(rankings, cases, strict=True)]
    among = sum(
        restricted(found) == one.case.diagnosis for found, one in zip(rankings, cases, strict=True)
    ) / len(cases)
    top1, top3, top5 = (sum(at < most for at in ranks) / len(cases) for most in (1, 3, 5))
    trained = float(crossed(cases, naive_bayes)[:, MOST, 0].mean())
    p50, p95 = waits(engine, cases)
    return Measured(
        columns=("way", "five diagnoses", f"of {every}: first", "in 3", "in 5", "p50 ms", "p95 ms"),
        rows=[
            ("written knowledge, untrained", among, top1, top3, top5, p50, p95),
            ("naive Bayes trained on this set", trained, "–", "–", "–", "–", "–"),
        ],
        figures={
            "dxy_untrained": round(among, 4),
            "top1": round(top1, 4),
            "top3": round(top3, 4),
            "top5": round(top5, 4),
            "p95_ms": round(p95, 2),
        },
        notes=(
            f"{len(cases)} cases of Dxy; the knowledge was written before and not changed after it "
            "was tried on them; a portal's labels are no verified diagnoses",
            "processor time of one list of ten and what must not be missed, with five questions",
            "naive Bayes is asked ten questions, by models of the other four fifths",
        ),
    )


def findings(engine: CommonConditions, case: Case) -> list[Finding]:
    """What the case says, in terms that the knowledge has."""
    terms = {entry.id: entry.term for entry in engine.knowledge.entries}
    return [
        Finding(terms[TERMS[name]], STATUS[answer])
        for told in (case.told, case.asked)
        for name, answer in told.items()
        if name in TERMS
    ]


def rank(found: Ranking, one: Dialogue) -> int:
    """How many conditions stand before the first right one."""
    order = [candidate.disease for candidate in found.candidates]
    return min(
        (order.index(disease) for disease in LABELS[one.case.diagnosis] if disease in order),
        default=len(order),
    )


def restricted(found: Ranking) -> str:
    """The likeliest of the set's five diagnoses."""
    chance = {candidate.disease: candidate.probability for candidate in found.candidates}
    return max(LABELS, key=lambda label: sum(chance.get(one, 0.0) for one in LABELS[label]))


def waits(engine: CommonConditions, cases: list[Dialogue]) -> tuple[float, float]:
    """Processor time in ms of one differential with its questions: median, 95th percentile."""
    took: list[float] = []
    for one in cases:
        known = findings(engine, one.case)
        started = time.process_time()
        engine.rank(known, AGE)
        engine.next_questions(known, AGE)
        took.append((time.process_time() - started) * 1000)
    took.sort()
    return took[len(took) // 2], took[int(0.95 * (len(took) - 1))]
