"""An assistant, passages and facts for the tests of drafting."""

from __future__ import annotations

from typing import Any

from countersign.kit.words import Words
from countersign.rooms.assistant.domain import Known, Patient, Source

FILE: dict[str, Any] = {
    "id": "urology",
    "department": "urology",
    "title": {"en": "Urology assistant", "zh": "泌尿外科助手"},
    "lead": {"en": "Evidence.", "zh": "依据。"},
    "draws_on": {"icd10": ["N4", "C61"]},
    "sections": [
        {"title": {"en": "Assessment", "zh": "评估"}, "headings": ["诊断", "diagnosis"], "most": 2},
        {"title": {"en": "Treatment", "zh": "治疗"}, "headings": ["治疗", "treatment"], "most": 3},
    ],
    "measures": [
        {
            "name": {"en": "PSA", "zh": "PSA"},
            "codes": ["2857-1"],
            "words": ["PSA", "前列腺特异抗原"],
            "problems": ["N40"],
            "days": 365,
        },
        {
            "name": {"en": "Haemoglobin", "zh": "血红蛋白"},
            "codes": ["718-7"],
            "words": ["血红蛋白"],
            "problems": ["D5"],
        },
    ],
    "classes": [
        {
            "name": {"en": "5α-reductase inhibitor", "zh": "5α 还原酶抑制剂"},
            "medicines": ["finasteride", "非那雄胺"],
            "words": ["5α 还原酶抑制剂", "5α-reductase inhibitor"],
        }
    ],
    "questions": [{"en": "When to operate?", "zh": "何时手术"}],
}
PROSTATE = Known(
    "problem",
    Words("Hyperplasia of prostate", "前列腺增生症"),
    "Condition/1/_history/1",
    ("前列腺增生症",),
)
FINASTERIDE = Known(
    "medicine",
    Words("finasteride", "非那雄胺片"),
    "MedicationRequest/1/_history/1",
    ("非那雄胺",),
)
MAN = Patient("p1", 74, "male", ("N40",), (PROSTATE, FINASTERIDE), ())
PSA: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "总前列腺特异性抗原", "coding": [{"code": "2857-1"}]},
    "effectiveDateTime": "2026-11-20T08:00:00+08:00",
    "valueQuantity": {"value": 6.4, "unit": "µg/L"},
    "interpretation": [{"coding": [{"code": "H"}]}],
}
GENERAL = "轻度症状者可观察等待。 [a]"
NAMED = "长期服用5α还原酶抑制剂者，PSA 值应加倍后判断。 [b]"


def source(text: str, heading: str = "治疗", **changes: Any) -> Source:
    """A passage of a document about the prostate that begins at character 40."""
    given: dict[str, Any] = {
        "document": "bph",
        "version": "v1",
        "sha256": "ab" * 32,
        "start": 40,
        "text": text,
        "title": "良性前列腺增生",
        "headings": ("良性前列腺增生", heading),
        "language": "zh",
        "reviewed": True,
        "spans": (),
        "because": (PROSTATE,),
        **changes,
    }
    return Source(**given)
