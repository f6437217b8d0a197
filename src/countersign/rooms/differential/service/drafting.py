"""Makes the draft: an impression for the chart that names what was considered, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from countersign.ground.chart import PatientChart
from countersign.ground.identity import LicenceKind
from countersign.ground.reasoning import Finding, Holder, Status
from countersign.ground.signoff import (
    Body,
    Confidence,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
)
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.differential.inference import CALIBRATION, LIMITS, MODEL, Conclusion

from .chips import Chip, explained

SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
KIND, ROOM, VALID_DAYS, WRITTEN = "ranking", "differential", 3.0, 5
SYSTEMS = {
    "OMIM": "https://omim.org",
    "ORPHA": "http://www.orpha.net",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
}


Label = Callable[[str], Words]


def proposal(
    label: Label,
    chart: PatientChart,
    text: str,
    chips: Sequence[Chip],
    conclusion: Conclusion,
    now: datetime,
    asker: str | None,
) -> Proposal[Body]:
    """What goes to the gate.

    Every asking of a person (``asker``) is a draft of its own and replaces that person's last.
    Without one the chart alone speaks: the same findings are proposed once.
    """
    weighed = sorted(f"{one.finding.term} {one.finding.status}" for one in chips if one.meant)
    seed = f"{asker}|{now.isoformat()}|{text}" if asker else "|".join(weighed)
    return Proposal(
        room=ROOM,
        kind=KIND,
        patient=chart.summary.id,
        risk=RiskClass.MEDIUM,
        urgency=Urgency.SOON if asker else Urgency.ROUTINE,
        signers=SIGNERS,
        topic=f"ranking|{asker or 'chart'}",
        fingerprint=sha256(seed.encode()).hexdigest(),
        body=_body(chart.summary.id, text, conclusion, now),
        explanation=_explanation(label, chart, chips, conclusion),
        valid_days=VALID_DAYS,
    )


def _body(patient: str, text: str, conclusion: Conclusion, now: datetime) -> Body:
    ranked = conclusion.ranking
    if ranked.unanswerable is not None:
        said = ranked.unanswerable
    else:
        lines = [
            (one.name, f"{one.probability:.0%}") for one in ranked.candidates[:WRITTEN]
        ]  # fmt: skip
        said = Words(
            "Considered, the likeliest first:\n"
            + "\n".join(f"{name.en} ({share})" for name, share in lines),
            "考虑的诊断(按可能性排列)：\n"
            + "\n".join(f"{name.zh}({share})" for name, share in lines),
        )
    missed = [one for one in ranked.candidates if one.cannot_miss and one.supported]
    if missed:
        said = Words(
            f"{said.en}\nNot to be missed: {', '.join(one.name.en for one in missed[:WRITTEN])}",
            f"{said.zh}\n不可漏诊：{'、'.join(one.name.zh for one in missed[:WRITTEN])}",
        )
    title = Words("Diagnoses worth considering", "值得考虑的诊断")
    return Body(title, said, (_impression(patient, text, conclusion, said, now),))


def _impression(
    patient: str, text: str, conclusion: Conclusion, said: Words, now: datetime
) -> JSON:
    """A FHIR R4 ClinicalImpression; the physician's own text is its description."""
    found: JSON = {
        "resourceType": "ClinicalImpression",
        "status": "completed",
        "subject": {"reference": f"Patient/{patient}"},
        "date": now.isoformat(timespec="seconds"),
        "summary": f"{said.zh}\n{said.en}",
        "finding": [
            {
                "itemCodeableConcept": {
                    "coding": codings(one.disease, one.name),
                    "text": f"{one.name.zh} {one.name.en}",
                },
                "basis": f"{one.probability:.2f}",
            }
            for one in conclusion.ranking.candidates[:WRITTEN]
        ],
    }
    if text.strip():
        found["description"] = text.strip()
    if not found["finding"]:
        del found["finding"]
    return found


def codings(disease: str, name: Words) -> list[JSON]:
    """The code of a disease, where its system has an address in FHIR."""
    system, _, code = disease.partition(":")
    if system not in SYSTEMS:
        return []
    return [{"system": SYSTEMS[system], "code": code, "display": name.en}]


def _explanation(
    label: Label, chart: PatientChart, chips: Sequence[Chip], conclusion: Conclusion
) -> Explanation:
    meant = [one for one in chips if one.meant]
    return Explanation(
        rationale=_rationale(label, meant, conclusion),
        evidence=tuple(_evidence(label, chart, meant)),
        limits=(*conclusion.limits, *_set_aside(chips), *LIMITS),
        confidence=_confidence(conclusion),
        alternatives=tuple(one.name for one in conclusion.ranking.candidates[1:6]),
        model=MODEL,
        inputs=tuple(dict.fromkeys(_inputs(chart, meant))),
    )


def _set_aside(chips: Sequence[Chip]) -> Iterable[Words]:
    """What is not weighed, since a known diagnosis explains it."""
    count = sum(explained(one) for one in chips)
    if count:
        yield Words(
            f"{count} findings of the chart are not weighed, since a known diagnosis explains "
            "them. A value far beyond what is usual for this patient may be new all the same.",
            f"病历中有{count}项发现可由已知诊断解释，未纳入分析。若数值远超该患者平时水平，仍可能是新情况。",
        )


def _confidence(conclusion: Conclusion) -> Confidence | NoConfidence:
    ranked = conclusion.ranking
    if ranked.unanswerable is not None or not ranked.candidates:
        return NoConfidence(
            ranked.unanswerable or Words("Nothing could be ranked.", "无法给出排序。")
        )
    return Confidence(ranked.candidates[0].probability, CALIBRATION)


def _rationale(label: Label, chips: Iterable[Chip], conclusion: Conclusion) -> Words:
    weighed = [told(label, one.finding) for one in chips]
    lines_en = [f"Weighed: {'; '.join(one.en for one in weighed) or 'age and sex alone'}."]
    lines_zh = [f"纳入分析：{'；'.join(one.zh for one in weighed) or '仅年龄与性别'}。"]
    for one in conclusion.ranking.candidates[:3]:
        strong = sorted(one.weights, key=lambda weight: abs(weight.ratio - 1), reverse=True)[:4]
        en = ", ".join(f"{label(w.term).en} LR {w.ratio:.2g}" for w in strong)
        zh = "，".join(f"{label(w.term).zh} 似然比 {w.ratio:.2g}" for w in strong)
        lines_en.append(f"{one.name.en}: {en or 'by its frequency alone'}.")
        lines_zh.append(f"{one.name.zh}：{zh or '仅依据发病率'}。")
    return Words("\n".join(lines_en), "\n".join(lines_zh))


def told(label: Label, finding: Finding) -> Words:
    """One finding in words: what, whether, whose, since when."""
    name = label(finding.term)
    en, zh = name.en, name.zh
    if finding.status is Status.ABSENT:
        en, zh = f"no {en}", f"无{zh}"
    elif finding.status is Status.UNCERTAIN:
        en, zh = f"possibly {en}", f"可疑{zh}"
    if finding.holder is Holder.FAMILY:
        en, zh = f"{en} (family)", f"{zh}(家族)"
    if finding.known:
        en, zh = f"{en} (known before)", f"{zh}(已知诊断)"
    if finding.past:
        en, zh = f"{en} (past)", f"{zh}(既往)"
    return Words(en, zh)


def _evidence(label: Label, chart: PatientChart, chips: Iterable[Chip]) -> Iterable[Evidence]:
    for one in chips:
        place = one.finding.place
        if place is not None and place.source != "text":
            yield Evidence(told(label, one.finding), reference=place.source)
    for one in chart.of("Patient")[:1]:
        yield Evidence(Words("Age and sex", "年龄与性别"), reference=one.versioned)


def _inputs(chart: PatientChart, chips: Iterable[Chip]) -> Iterable[str]:
    for one in chart.of("Patient")[:1]:
        yield one.versioned
    for one in chips:
        place = one.finding.place
        if place is not None and place.source != "text":
            yield place.source
