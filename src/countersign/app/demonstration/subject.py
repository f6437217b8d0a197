"""Who the invented patient is, and the Patient resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from countersign.kit.dates import age_on
from countersign.kit.json import JSON

from .coding import CHINA, MRN, day, hl7, instant
from .hospital import HOSPITAL_NAME, HOSPITAL_REFERENCE
from .marks import meta
from .names import Name
from .people import Person, patient_id


@dataclass(frozen=True, slots=True)
class Subject:
    """``height`` in cm, ``weight`` in kg at the start of the story."""

    number: int
    name: Name
    female: bool
    birth: date
    height: float
    weight: float

    @property
    def id(self) -> str:
        return patient_id(self.number)

    @property
    def url(self) -> str:
        """The fullUrl of the Patient inside the bundle."""
        return f"urn:uuid:{self.id}"

    @property
    def mrn(self) -> str:
        return f"DEMO-{self.number:06d}"

    def age(self, when: datetime) -> int:
        """Completed years of age."""
        return age_on(self.birth, when.astimezone(CHINA).date())


def patient_resource(subject: Subject, physician: Person, died: datetime | None) -> JSON:
    """The Patient, with no contact, no address but an invented one and no number but the MRN."""
    resource: JSON = {
        "resourceType": "Patient",
        "id": subject.id,
        "meta": meta(),
        "identifier": [
            {
                "use": "usual",
                "type": hl7("v2-0203", "MR", "Medical record number"),
                "system": MRN,
                "value": subject.mrn,
                "assigner": {"reference": HOSPITAL_REFERENCE, "display": HOSPITAL_NAME.zh},
            }
        ],
        "active": True,
        "name": subject.name.as_fhir(),
        "gender": "female" if subject.female else "male",
        "birthDate": day(subject.birth),
        "address": [{"use": "home", "text": "演示市虚构区（非真实地址）", "country": "CN"}],
        "communication": [
            {
                "language": {
                    "coding": [
                        {"system": "urn:ietf:bcp:47", "code": "zh-CN", "display": "Chinese (China)"}
                    ],
                    "text": "中文",
                },
                "preferred": True,
            }
        ],
        "generalPractitioner": [
            {"reference": f"Practitioner/{physician.id}", "display": physician.display.zh}
        ],
        "managingOrganization": {"reference": HOSPITAL_REFERENCE, "display": HOSPITAL_NAME.zh},
    }
    if died is not None:
        resource["deceasedDateTime"] = instant(died)
    return resource
