"""Where a patient is and who cares for them, read from what other systems send.

The policy decides by departments, care team and sensitivity of a patient. They come from:

departments
    every code with the system ``urn:countersign:department`` in ``Encounter.serviceType``
    (coding), and in the identifier of ``Encounter.serviceProvider``,
    ``Encounter.location[].location`` and ``Patient.managingOrganization``: the identifier of
    the reference itself, or of the Organization or Location that it points to. Encounters
    that are cancelled or entered in error do not count. The departments named when a bundle
    is received are added.
care team
    ``CareTeam.participant[].member`` and ``Encounter.participant[].individual`` whose
    identifier (of the reference itself, or of the Practitioner that it points to) has the
    system ``urn:countersign:person``; its value is a person's id here. Only care teams that
    are not inactive or entered in error, and encounters that are not over. PractitionerRole
    is not used.
sensitivity
    codes of ``meta.security`` of any of the patient's resources that belong to the HL7 v3
    ActCode hierarchy InformationSensitivityPolicy (PSY, HIV, GDIS, …), and the
    confidentialities R and V of v3 Confidentiality.
refusals
    an active ``Consent`` whose ``provision.type`` is ``deny``: ``provision.purpose`` HRESCH or
    CLINTRCH (research) and TRAIN (teaching) of HL7 v3 ActReason, ``provision.code`` with the
    system ``urn:countersign:consent`` and the code ``ai-processing``, and
    ``provision.actor[].reference.identifier`` with the system of departments.
ward and bed
    the latest encounter in progress of an inpatient or emergency class:
    ``Encounter.location[]`` whose ``physicalType`` is ``wa`` (ward) or ``bd`` (bed), by the
    display of the location; without physical types the first location is the ward and the
    second the bed. Locations whose status is ``completed`` do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from countersign.kit.json import JSON

from .indexing import at

DEPARTMENT = "urn:countersign:department"
PERSON = "urn:countersign:person"
_LABELS = (
    "ETH GDIS HIV MST SCA SDV SEX SPI BH COGN DVD EMOTDIS MH PSY PSYTHPN SUD ETHUD OPIOIDUD STD "
    "TBOO VIO SICKLE ADOL CEL VIP EMP PDS PHY PRS COMPT R V"
)
SENSITIVE = frozenset(_LABELS.split())
"""https://terminology.hl7.org/CodeSystem-v3-ActCode.html, _InformationSensitivityPolicy."""

_SENSITIVITY_SYSTEMS = ("v3-ActCode", "v3-Confidentiality", "v3/ActCode", "v3/Confidentiality")
_INPATIENT = frozenset({"IMP", "ACUTE", "NONAC", "SS", "OBSENC", "EMER"})
_VOID = frozenset({"cancelled", "entered-in-error"})
_OVER = _VOID | {"finished"}
_NO_TEAM = frozenset({"inactive", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Placement:
    """What one resource says of its patient.

    An Organization, Location or Practitioner says which department or person it is;
    ``via`` are the references (``Type/id``) of which that is to be taken over. ``stay``
    marks an inpatient encounter in progress.
    """

    departments: tuple[str, ...] = ()
    care_team: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    stay: bool = False
    refused: tuple[str, ...] = ()


REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONSENT = "urn:countersign:consent"
_REFUSALS = {
    (REASON, "HRESCH"): "research",
    (REASON, "CLINTRCH"): "research",
    (REASON, "TRAIN"): "teaching",
    (CONSENT, "ai-processing"): "ai",
}
NOWHERE = Placement()
_PLACES = ("serviceProvider", "location.location")
_PEOPLE = ("participant.individual", "participant.member")


def placement(resource: JSON) -> Placement:
    """What the resource says of its patient; NOWHERE for most."""
    rule = _RULES.get(str(resource["resourceType"]))
    sensitivity = _sorted(_sensitivity(resource)) if "meta" in resource else ()
    if rule is None:
        return Placement(sensitivity=sensitivity) if sensitivity else NOWHERE
    return replace(rule(resource), sensitivity=sensitivity)


def stay(encounter: JSON) -> bool:
    """Whether the encounter means that the patient lies in the house now."""
    code = cast("JSON", encounter.get("class", {})).get("code")
    return encounter.get("status") == "in-progress" and code in _INPATIENT


def ward_and_bed(encounter: JSON) -> tuple[str, str]:
    """The displays of the ward and the bed; empty where they are not said."""
    places = [
        cast("JSON", one)
        for one in encounter.get("location", [])
        if one.get("status") != "completed"
    ]
    named = [(_physical(one), str(one.get("location", {}).get("display", ""))) for one in places]
    wards = [display for code, display in named if code == "wa"]
    beds = [display for code, display in named if code == "bd"]
    if wards or beds:
        return (wards or [""])[-1], (beds or [""])[-1]
    shown = [display for _, display in named] + ["", ""]
    return shown[0], shown[1]


def _physical(location: JSON) -> str:
    codings = cast("list[JSON]", location.get("physicalType", {}).get("coding", []))
    return str(codings[0].get("code", "")) if codings else ""


def _encounter(encounter: JSON) -> Placement:
    status = encounter.get("status")
    if status in _VOID:
        return NOWHERE
    departments = _coded(encounter, ("serviceType.coding", *_identified(_PLACES)), DEPARTMENT)
    paths = _PLACES if status in _OVER else (*_PLACES, *_PEOPLE)
    team = () if status in _OVER else _coded(encounter, _identified(_PEOPLE), PERSON)
    return Placement(
        _sorted(departments), _sorted(team), (), _sorted(_via(encounter, paths)), stay(encounter)
    )


def _care_team(team: JSON) -> Placement:
    if team.get("status") in _NO_TEAM:
        return NOWHERE
    people = _coded(team, _identified(_PEOPLE), PERSON)
    return Placement(care_team=_sorted(people), via=_sorted(_via(team, _PEOPLE)))


def _consent(consent: JSON) -> Placement:
    return Placement(refused=refused_by(consent)) if consent.get("status") == "active" else NOWHERE


def refused_by(consent: JSON) -> tuple[str, ...]:
    """What a Consent refuses while it is active, as ``Facts.refused`` has it."""
    provision = cast("JSON", consent.get("provision", {}))
    if provision.get("type") != "deny":
        return ()
    codings = [*at(provision, ["purpose"]), *at(provision, ["code", "coding"])]
    refused = {_REFUSALS[key] for key in map(_system_and_code, codings) if key in _REFUSALS}
    departments = _coded(provision, ("actor.reference.identifier",), DEPARTMENT)
    return _sorted([*refused, *(f"department:{code}" for code in departments)])


def _system_and_code(coding: JSON) -> tuple[str, str]:
    return str(coding.get("system", "")), str(coding.get("code", ""))


def _patient(patient: JSON) -> Placement:
    paths = ("managingOrganization",)
    departments = _coded(patient, _identified(paths), DEPARTMENT)
    return Placement(departments=_sorted(departments), via=_sorted(_via(patient, paths)))


def _place(place: JSON) -> Placement:
    return Placement(departments=_sorted(_coded(place, ("identifier",), DEPARTMENT)))


def _practitioner(person: JSON) -> Placement:
    return Placement(care_team=_sorted(_coded(person, ("identifier",), PERSON)))


_RULES: dict[str, Callable[[JSON], Placement]] = {
    "Encounter": _encounter,
    "CareTeam": _care_team,
    "Consent": _consent,
    "Patient": _patient,
    "Organization": _place,
    "Location": _place,
    "Practitioner": _practitioner,
}


def _identified(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{path}.identifier" for path in paths)


def _via(resource: JSON, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        for reference in at(resource, [*path.split("."), "reference"]):
            kind = str(reference).partition("/")[0]
            if kind in ("Organization", "Location", "Practitioner"):
                yield str(reference)


def _sensitivity(resource: JSON) -> Iterator[str]:
    for label in at(resource, ["meta", "security"]):
        system, code = str(label.get("system", "")), label.get("code")
        if code in SENSITIVE and any(part in system for part in _SENSITIVITY_SYSTEMS):
            yield str(code)


def _coded(resource: JSON, paths: tuple[str, ...], system: str) -> Iterator[str]:
    for path in paths:
        for node in at(resource, path.split(".")):
            if isinstance(node, dict):
                coded = cast("dict[str, Any]", node)
                value = coded.get("code", coded.get("value"))
                if coded.get("system") == system and isinstance(value, str):
                    yield value


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
