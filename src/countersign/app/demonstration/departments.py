"""The departments of the demonstration hospital, with their wards, beds and clinics."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words

BEDS_PER_WARD = 20


@dataclass(frozen=True, slots=True)
class Department:
    """``floor`` of the inpatient building is None where the department has no ward."""

    code: str
    name: Words
    floor: int | None = None
    clinic: bool = True

    @property
    def organization(self) -> str:
        """The reference of its Organization."""
        return f"Organization/department-{self.code}"


@dataclass(frozen=True, slots=True)
class Place:
    """A ward, a bed or a clinic; ``id`` is the id of its Location."""

    id: str
    kind: str
    name: Words
    department: str
    within: str | None = None

    @property
    def reference(self) -> str:
        return f"Location/{self.id}"


def _department(code: str, en: str, zh: str, floor: int | None, clinic: bool = True) -> Department:
    return Department(code, Words(en, zh), floor, clinic)


DEPARTMENTS = (
    _department("general-medicine", "General medicine", "普通内科", 3),
    _department("cardiology", "Cardiology", "心内科", 4),
    _department("nephrology", "Nephrology", "肾内科", 5),
    _department("endocrinology", "Endocrinology", "内分泌科", 6),
    _department("respiratory", "Respiratory medicine", "呼吸与危重症医学科", 7),
    _department("haematology", "Haematology", "血液内科", 8),
    _department("oncology", "Oncology", "肿瘤科", 9),
    _department("urology", "Urology", "泌尿外科", 10),
    _department("neurology", "Neurology", "神经内科", 11),
    _department("general-surgery", "General surgery", "普通外科", 12),
    _department("orthopaedics", "Orthopaedics", "骨科", 13),
    _department("obstetrics", "Obstetrics", "产科", 14),
    _department("psychiatry", "Psychiatry", "精神心理科", 15),
    _department("infectious-diseases", "Infectious diseases", "感染科", 16),
    _department("emergency", "Emergency", "急诊科", None),
    _department("laboratory", "Laboratory", "检验科", None, clinic=False),
    _department("pathology", "Pathology", "病理科", None, clinic=False),
    _department("radiology", "Radiology", "医学影像科", None, clinic=False),
    _department("pharmacy", "Pharmacy", "药学部", None, clinic=False),
)
_BY_CODE = {department.code: department for department in DEPARTMENTS}


def department(code: str) -> Department:
    """The department with this code; KeyError if there is none."""
    return _BY_CODE[code]


def ward(code: str) -> Place:
    """The ward of a department."""
    name = department(code).name
    return Place(f"ward-{code}", "ward", Words(f"{name.en} ward", f"{name.zh}病区"), code)


def bed(code: str, number: int) -> Place:
    """A bed of a department's ward; numbers start at 1."""
    name = Words(f"Bed {number}", f"{number:02d}床")
    return Place(f"ward-{code}-bed-{number}", "bed", name, code, within=f"ward-{code}")


def clinic(code: str) -> Place:
    """The clinic of a department."""
    name = department(code).name
    return Place(f"clinic-{code}", "clinic", Words(f"{name.en} clinic", f"{name.zh}门诊"), code)


def places() -> tuple[Place, ...]:
    """Every ward, bed and clinic, in a fixed order."""
    found: list[Place] = []
    for one in DEPARTMENTS:
        if one.floor is not None:
            found.append(ward(one.code))
            found.extend(bed(one.code, number) for number in range(1, BEDS_PER_WARD + 1))
        if one.clinic:
            found.append(clinic(one.code))
    return tuple(found)
