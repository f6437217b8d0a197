"""Every invented resource says so: the tag and the labels that all of them carry."""

from __future__ import annotations

from countersign.kit.json import JSON

TAG_SYSTEM = "urn:countersign:tag"
TAG_CODE = "invented"
_ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SENSITIVE = {
    "PSY": "psychiatry disorder information sensitivity",
    "HIV": "HIV/AIDS information sensitivity",
}


def meta(sensitivity: str | None = None) -> JSON:
    """``meta`` of an invented resource; ``sensitivity`` is ``PSY``, ``HIV`` or None."""
    security = [{"system": _ACT_REASON, "code": "HTEST", "display": "test health data"}]
    if sensitivity is not None:
        display = _SENSITIVE[sensitivity]
        security.append({"system": _ACT_CODE, "code": sensitivity, "display": display})
    tag = {"system": TAG_SYSTEM, "code": TAG_CODE, "display": "演示数据（虚构）"}
    return {"tag": [tag], "security": security}
