"""Events as FHIR R4 AuditEvent, after the Basic Audit Log Patterns of IHE (BALP).

Source: https://profiles.ihe.net/ITI/BALP/ . A profile is named where the event carries what it
asks for. Nothing but identifiers, hashes and small facts leaves: an event holds no more.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from countersign.kit.clock import stamp
from countersign.kit.json import JSON

from .event import EventKind, Recorded

PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
DCM = "http://dicom.nema.org/resources/ontology/DCM"
TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
REST = "http://hl7.org/fhir/restful-interaction"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
KIND = "urn:countersign:event-kind"


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a kind of event is said: DICOM or REST code, subtype, action, pattern of BALP."""

    system: str
    code: str
    display: str
    action: str
    interaction: str = ""
    pattern: str = ""


_READ = _Sort(TYPE, "rest", "RESTful Operation", "R", "read", "Read")
_SEARCH = _Sort(TYPE, "rest", "RESTful Operation", "E", "search", "Query")
_CREATE = _Sort(TYPE, "rest", "RESTful Operation", "C", "create", "Create")
_PATIENT = _Sort(DCM, "110110", "Patient Record", "E")
_LOGIN = _Sort(DCM, "110114", "User Authentication", "E")
_SECURITY = _Sort(DCM, "110113", "Security Alert", "E")
_ACTIVITY = _Sort(DCM, "110100", "Application Activity", "E")
_AUDIT = _Sort(DCM, "110101", "Audit Log Used", "R")
_EXPORT = _Sort(DCM, "110106", "Export", "R")
_SORTS = {
    EventKind.CHART_VIEWED: _READ,
    EventKind.CHART_SEARCHED: _SEARCH,
    EventKind.PATIENTS_LISTED: _SEARCH,
    EventKind.CHART_RECEIVED: _CREATE,
    EventKind.RELEASED: _CREATE,
    EventKind.DRAFT_PROPOSED: _PATIENT,
    EventKind.DRAFT_VIEWED: _PATIENT,
    EventKind.DRAFTS_LISTED: _PATIENT,
    EventKind.DRAFT_SIGNED: _PATIENT,
    EventKind.DRAFT_REJECTED: _PATIENT,
    EventKind.DRAFT_EXPIRED: _PATIENT,
    EventKind.DRAFT_TAKEN_BACK: _PATIENT,
    EventKind.SIGN_IN: _LOGIN,
    EventKind.SIGN_IN_FAILED: _LOGIN,
    EventKind.SIGN_OUT: _LOGIN,
    EventKind.ACCESS_DENIED: _SECURITY,
    EventKind.POLICY_CHANGED: _SECURITY,
    EventKind.PERSON_CHANGED: _SECURITY,
    EventKind.AUDIT_VIEWED: _AUDIT,
    EventKind.EXPORTED: _EXPORT,
}
_FAILED = {EventKind.SIGN_IN_FAILED, EventKind.ACCESS_DENIED}


def audit_event(event: Recorded, leaf_hash: str, origin: str, host: str) -> JSON:
    """The resource of one event. ``host`` is the name of the machine that served it.

    ``identifier`` of the leaf entity is ``origin#index`` and its hash, so that whoever holds
    the export can ask this ledger for the proof.
    """
    sort = _SORTS.get(EventKind(event.kind), _ACTIVITY) if _known(event.kind) else _ACTIVITY
    said: JSON = {
        "resourceType": "AuditEvent",
        "type": _coding(sort.system, sort.code, sort.display),
        "subtype": [{"system": KIND, "code": event.kind}],
        "action": sort.action,
        "recorded": stamp(event.at),
        "outcome": "4" if event.kind in _FAILED else "0",
        "agent": _agents(event, host),
        "source": {
            "site": origin,
            "observer": {"display": origin},
            "type": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
                    "code": "4",
                    "display": "Application Server",
                }
            ],
        },
        "entity": _entities(event, sort, leaf_hash, origin),
    }
    if sort.interaction:
        said["subtype"].insert(0, _coding(REST, sort.interaction, sort.interaction))
    if profile := _profile(event, sort):
        said["meta"] = {"profile": [profile]}
    return said


def _known(kind: str) -> bool:
    return kind in {str(one) for one in EventKind}


def _profile(event: Recorded, sort: _Sort) -> str:
    """The pattern that the event fulfils: reading and creating one needs the resource named."""
    named = event.subject is not None and "/" in event.subject
    if not sort.pattern or (sort.pattern != "Query" and not named):
        return ""
    return PROFILE + ("Patient" if event.patient else "") + sort.pattern


def _coding(system: str, code: str, display: str) -> JSON:
    return {"system": system, "code": code, "display": display}


def _agents(event: Recorded, host: str) -> list[JSON]:
    network = {"address": host, "type": "1"}
    sides = (("110153", "Source Role ID"), ("110152", "Destination Role ID"))
    machines = [
        {
            "type": {"coding": [_coding(DCM, code, display)]},
            "who": {"display": host},
            "requestor": False,
            "network": network,
        }
        for code, display in sides
    ]
    kind, _, identifier = event.actor.partition(":")
    who = {"identifier": {"system": f"urn:countersign:{kind}", "value": identifier}}
    actor: JSON = {
        "type": {"coding": [_coding(PARTICIPATION, "IRCP", "information recipient")]},
        "who": who,
        "requestor": True,
    }
    return [*machines, actor]


def _entities(event: Recorded, sort: _Sort, leaf_hash: str, origin: str) -> list[JSON]:
    found: list[JSON] = []
    if event.patient:
        found.append(_entity("1", "Person", "1", "Patient", f"Patient/{event.patient}"))
    if event.subject and "/" in event.subject:
        found.append(_entity("2", "System Object", "4", "Domain Resource", event.subject))
    elif event.subject:
        subject = _entity("4", "Other", "4", "Domain Resource", None)
        found.append({**subject, "what": {"identifier": {"value": event.subject}}})
    if sort is _SEARCH:
        asked = f"{event.detail.get('type', 'Patient')}?{event.detail.get('parameters', '')}"
        query = _entity("2", "System Object", "24", "Query", None)
        found.append({**query, "query": b64encode(asked.encode()).decode()})
    leaf = _entity("4", "Other", "13", "Security Resource", None)
    details = [
        *(("commits." + name, value) for name, value in event.commits.items()),
        *((name, str(value)) for name, value in event.detail.items()),
        *([("model", event.model)] if event.model else []),
        ("leaf", leaf_hash),
    ]
    leaf["what"] = {"identifier": {"system": "urn:ietf:rfc:3986", "value": _uri(event, origin)}}
    leaf["detail"] = [{"type": name, "valueString": value} for name, value in details]
    return [*found, leaf]


def _uri(event: Recorded, origin: str) -> str:
    return f"https://{origin}#{event.index}"


def _entity(kind: str, named: str, role: str, played: str, reference: str | None) -> JSON:
    said: JSON = {"type": _coding(ENTITY, kind, named), "role": _coding(ROLE, role, played)}
    return said if reference is None else {**said, "what": {"reference": reference}}
