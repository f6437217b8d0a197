"""The first bundle of the demonstration: organizations, places and staff, with fixed ids."""

from __future__ import annotations

from countersign.kit.json import JSON

from .coding import PERSON, concept, department_code, english, hl7, said
from .departments import DEPARTMENTS, Department, Place, department, places
from .hospital import HOSPITAL_NAME, HOSPITAL_REFERENCE
from .marks import meta
from .people import PEOPLE, Person

_KINDS = {
    "ward": ("wa", "Ward"),
    "bed": ("bd", "Bed"),
    "clinic": ("ro", "Room"),
}


def house_bundle() -> JSON:
    """A transaction that puts Organization, Location, Practitioner and PractitionerRole."""
    resources = [_hospital()]
    resources += [_organization(one) for one in DEPARTMENTS]
    resources += [_location(place) for place in places()]
    for person in PEOPLE:
        if person.practises:
            resources.append(_practitioner(person))
            resources += [_role(person, code) for code in person.departments]
    entries = [_entry(resource) for resource in resources]
    return {"resourceType": "Bundle", "type": "transaction", "meta": meta(), "entry": entries}


def _entry(resource: JSON) -> JSON:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def _start(kind: str, identity: str) -> JSON:
    return {"resourceType": kind, "id": identity, "meta": meta(), "active": True}


def _hospital() -> JSON:
    return {
        **_start("Organization", HOSPITAL_REFERENCE.split("/")[1]),
        "type": [hl7("organization-type", "prov", "Healthcare Provider")],
        "name": HOSPITAL_NAME.zh,
        "alias": [HOSPITAL_NAME.en],
    }


def _organization(one: Department) -> JSON:
    return {
        **_start("Organization", f"department-{one.code}"),
        "identifier": [{"system": "urn:countersign:department", "value": one.code}],
        "type": [hl7("organization-type", "dept", "Hospital Department")],
        "name": one.name.zh,
        "_name": english(one.name.en),
        "alias": [one.name.en],
        "partOf": {"reference": HOSPITAL_REFERENCE, "display": HOSPITAL_NAME.zh},
    }


def _location(place: Place) -> JSON:
    code, display = _KINDS[place.kind]
    owner = department(place.department)
    resource: JSON = {
        "resourceType": "Location",
        "id": place.id,
        "meta": meta(),
        "status": "active",
        "name": place.name.zh,
        "_name": english(place.name.en),
        "alias": [place.name.en],
        "mode": "instance",
        "physicalType": hl7("location-physical-type", code, display),
        "managingOrganization": {"reference": owner.organization, "display": owner.name.zh},
    }
    if place.kind == "ward":
        resource["description"] = f"住院楼{owner.floor}层"
    if place.within is not None:
        resource["partOf"] = {"reference": f"Location/{place.within}"}
    return resource


def _practitioner(person: Person) -> JSON:
    return {
        **_start("Practitioner", person.id),
        "identifier": [{"system": PERSON, "value": person.id}],
        "name": person.name.as_fhir(),
        "qualification": [{"code": said(person.title)}],
    }


def _role(person: Person, code: str) -> JSON:
    owner = department(code)
    return {
        **_start("PractitionerRole", f"{person.id}-{code}"),
        "practitioner": {"reference": f"Practitioner/{person.id}", "display": person.display.zh},
        "organization": {"reference": owner.organization, "display": owner.name.zh},
        "code": [concept("urn:countersign:role", person.roles[0], person.title)],
        "specialty": [department_code(code, owner.name)],
    }
