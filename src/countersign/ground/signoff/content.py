"""The bytes that are hashed, signed and encrypted, and the way back from them."""

from __future__ import annotations

from typing import Any

from countersign.ground.models import ModelRef
from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Language, Words

from .draft import Body
from .explanation import Confidence, Evidence, Explanation, NoConfidence, Opinion


def draft_bytes(body: Body, explanation: Explanation) -> bytes:
    """The content of a draft; its SHA-256 is what a physician accepts.

    ``draft_content`` and this give the same bytes again: numbers are written as they are read.
    """
    content = {"body": _body(body), "explanation": _explanation(explanation)}
    return encode(decode(encode(content)))


def draft_content(raw: bytes) -> tuple[Body, Explanation]:
    """The inverse of ``draft_bytes``."""
    content = decode(raw)
    return _to_body(content["body"]), _to_explanation(content["explanation"])


def amended_bytes(draft_sha256: str, language: Language, text: str) -> bytes:
    """The content of an amended answer: the physician's own text and what it amends."""
    return encode({"amends": draft_sha256, "language": language, "text": text})


def amended_content(raw: bytes) -> tuple[Language, str]:
    """The language and the text of an amended answer."""
    content = decode(raw)
    return content["language"], content["text"]


def _body(body: Body) -> JSON:
    return {
        "title": body.title.as_json(),
        "text": body.text.as_json(),
        "resources": list(body.resources),
    }


def _to_body(content: JSON) -> Body:
    return Body(
        title=Words(**content["title"]),
        text=Words(**content["text"]),
        resources=tuple(content["resources"]),
    )


def _explanation(explanation: Explanation) -> JSON:
    confidence = explanation.confidence
    content: JSON = {
        "rationale": explanation.rationale.as_json(),
        "evidence": [_evidence(item) for item in explanation.evidence],
        "limits": [limit.as_json() for limit in explanation.limits],
        "confidence": {"value": confidence.value, "method": confidence.method.as_json()}
        if isinstance(confidence, Confidence)
        else {"reason": confidence.reason.as_json()},
        "alternatives": [other.as_json() for other in explanation.alternatives],
        "model": _model(explanation.model),
        "inputs": list(explanation.inputs),
    }
    # Left out where there are none, so that older drafts keep their bytes and their hash.
    if explanation.opinions:
        content["opinions"] = [_opinion(one) for one in explanation.opinions]
    return content


def _to_explanation(content: JSON) -> Explanation:
    return Explanation(
        rationale=Words(**content["rationale"]),
        evidence=tuple(_to_evidence(item) for item in content["evidence"]),
        limits=tuple(Words(**limit) for limit in content["limits"]),
        confidence=_to_confidence(content["confidence"]),
        alternatives=tuple(Words(**other) for other in content["alternatives"]),
        model=ModelRef(**content["model"]),
        inputs=tuple(content["inputs"]),
        opinions=tuple(
            Opinion(ModelRef(**one["model"]), one["stance"], Words(**one["statement"]))
            for one in content.get("opinions", ())
        ),
    )


def _model(model: ModelRef) -> JSON:
    return {"name": model.name, "version": model.version, "digest": model.digest}


def _opinion(opinion: Opinion) -> JSON:
    return {
        "model": _model(opinion.model),
        "stance": opinion.stance,
        "statement": opinion.statement.as_json(),
    }


_EVIDENCE = ("reference", "quote", "document", "version", "start", "end", "sha256")


def _evidence(evidence: Evidence) -> JSON:
    given = {name: getattr(evidence, name) for name in _EVIDENCE}
    return {
        "statement": evidence.statement.as_json(),
        **{name: value for name, value in given.items() if value is not None},
    }


def _to_evidence(content: JSON) -> Evidence:
    given: dict[str, Any] = {name: content.get(name) for name in _EVIDENCE}
    return Evidence(statement=Words(**content["statement"]), **given)


def _to_confidence(content: JSON) -> Confidence | NoConfidence:
    if "reason" in content:
        return NoConfidence(Words(**content["reason"]))
    return Confidence(float(content["value"]), Words(**content["method"]))
