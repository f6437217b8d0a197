"""The demonstration accounts and the further invented staff of the hospital."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from countersign.kit.words import Words

from .names import PATIENT_MARK, STAFF_MARK, Name, compose

NAMESPACE = UUID("8f0d6f3e-5c1b-5a53-9b7e-2c1d7a4e6b90")
OWN_PATIENT_NAME = compose("林Lin", "远yuan", PATIENT_MARK)


def patient_id(number: int) -> str:
    """The stable id of the Patient with this running number (1 is the patient account's own)."""
    return str(uuid5(NAMESPACE, f"patient/{number}"))


@dataclass(frozen=True, slots=True)
class Person:
    """One who works or signs in here; ``id`` is also the id of the Practitioner.

    ``roles`` and ``licences`` hold the names of the members of Role and LicenceKind;
    ``patient`` is the id of the person's own Patient; ``account`` says whether the
    person can sign in on the demonstration.
    """

    id: str
    username: str
    name: Name
    title: Words
    roles: tuple[str, ...]
    departments: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    patient: str | None = None
    account: bool = False

    @property
    def display(self) -> Words:
        return self.name.words

    @property
    def practises(self) -> bool:
        """Whether the person has a Practitioner resource."""
        return bool(self.departments)


def _account(
    username: str,
    name: str,
    title: Words,
    departments: tuple[str, ...] = (),
    licences: tuple[str, ...] = (),
) -> Person:
    role = username.replace("-", "_")
    surname, second = name.split()
    composed = compose(surname, second, STAFF_MARK)
    return Person(
        f"demo-{username}", username, composed, title, (role,), departments, licences, account=True
    )


_MEDICAL = ("general-medicine", "cardiology", "nephrology", "endocrinology")
_SENIOR = (*_MEDICAL, "respiratory", "neurology", "haematology")

ACCOUNTS = (
    _account("physician", "周Zhou 清qing", Words("Physician", "医师"), _MEDICAL, ("physician",)),
    _account(
        "senior-physician",
        "沈Shen 博bo",
        Words("Senior physician", "上级医师"),
        _SENIOR,
        ("physician", "senior_physician"),
    ),
    _account("nurse", "叶Ye 晴qing", Words("Nurse", "护士"), _MEDICAL, ("nurse",)),
    _account(
        "laboratory-technician",
        "罗Luo 准zhun",
        Words("Laboratory technician", "检验技师"),
        ("laboratory",),
        ("laboratory_technician",),
    ),
    _account(
        "pathologist",
        "顾Gu 微wei",
        Words("Pathologist", "病理医师"),
        ("pathology",),
        ("physician", "pathologist"),
    ),
    _account(
        "pharmacist", "方Fang 芷zhi", Words("Pharmacist", "药师"), ("pharmacy",), ("pharmacist",)
    ),
    Person(
        "demo-patient",
        "patient",
        OWN_PATIENT_NAME,
        Words("Patient", "患者"),
        ("patient",),
        patient=patient_id(1),
        account=True,
    ),
    _account("researcher", "程Cheng 思si", Words("Researcher", "研究人员")),
    _account("auditor", "严Yan 正zheng", Words("Auditor", "审计员")),
    _account("administrator", "万Wan 全quan", Words("Administrator", "管理员")),
    _account("security-officer", "石Shi 守shou", Words("Security officer", "安全员")),
    _account("curator", "苏Su 理li", Words("Curator of knowledge", "知识管理员")),
)

_ROLES = {
    "P": ("physician", Words("Attending physician", "主治医师"), ("physician",)),
    "S": (
        "senior_physician",
        Words("Chief physician", "主任医师"),
        ("physician", "senior_physician"),
    ),
    "N": ("nurse", Words("Nurse", "护士"), ("nurse",)),
    "L": ("laboratory_technician", Words("Technician", "技师"), ("laboratory_technician",)),
    "A": ("pathologist", Words("Pathologist", "病理医师"), ("physician", "pathologist")),
    "D": ("pharmacist", Words("Pharmacist", "药师"), ("pharmacist",)),
}
_SECOND = {"pathologist": "second-pathologist"}
"""Further staff who sign in too, because two sign what two methods answer differently."""

_STAFF = (
    "P 江Jiang 柏bai general-medicine|P 贺He 晨chen cardiology|S 祝Zhu 宏hong cardiology|"
    "P 易Yi 澄cheng nephrology|P 秦Qin 悦yue endocrinology|P 陶Tao 野ye respiratory|"
    "P 洪Hong 亮liang haematology|P 俞Yu 清qing oncology|P 薛Xue 峻jun urology|"
    "P 邵Shao 朗lang neurology|S 庄Zhuang 岩yan general-surgery|P 柳Liu 锋feng general-surgery|"
    "P 耿Geng 岳yue orthopaedics|P 舒Shu 宁ning obstetrics|P 裴Pei 言yan psychiatry|"
    "P 汤Tang 洋yang infectious-diseases|P 季Ji 迅xun emergency|P 穆Mu 辰chen radiology|"
    "N 凌Ling 雨yu cardiology|N 梅Mei 香xiang respiratory|N 华Hua 岚lan general-surgery|"
    "N 戚Qi 佳jia neurology|N 白Bai 露lu oncology|N 温Wen 柔rou obstetrics|"
    "L 康Kang 析xi laboratory|A 甘Gan 明ming pathology|D 申Shen 苓ling pharmacy"
)


def _further(number: int, entry: str) -> Person:
    letter, surname, second, code = entry.split()
    role, title, licences = _ROLES[letter]
    name = compose(surname, second, STAFF_MARK)
    identity, username = f"demo-staff-{number:02d}", f"staff-{number:02d}"
    second = _SECOND.get(role)
    return Person(
        identity, second or username, name, title, (role,), (code,), licences,
        account=second is not None,
    )  # fmt: skip


STAFF = tuple(_further(number, entry) for number, entry in enumerate(_STAFF.split("|"), start=1))
PEOPLE = (*ACCOUNTS, *STAFF)
_BY_ID = {person.id: person for person in PEOPLE}


def person(identity: str) -> Person:
    """The person with this id; KeyError if there is none."""
    return _BY_ID[identity]


def working(role: str, department: str) -> tuple[Person, ...]:
    """Those of a role who belong to a department, accounts first."""
    return tuple(one for one in PEOPLE if role in one.roles and department in one.departments)
