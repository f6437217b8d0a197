"""Who asks: a person, another system, or a part of this one; and on what record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from .scopes import Scope, readable


class Role(StrEnum):
    """What a person does in the hospital."""

    PHYSICIAN = "physician"
    SENIOR_PHYSICIAN = "senior_physician"
    NURSE = "nurse"
    LABORATORY_TECHNICIAN = "laboratory_technician"
    PATHOLOGIST = "pathologist"
    PHARMACIST = "pharmacist"
    PATIENT = "patient"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SECURITY_OFFICER = "security_officer"
    CURATOR = "curator"


class LicenceKind(StrEnum):
    """What a person is licensed to practise, the kind with the widest powers first."""

    SENIOR_PHYSICIAN = "senior_physician"
    PHYSICIAN = "physician"
    PATHOLOGIST = "pathologist"
    PHARMACIST = "pharmacist"
    NURSE = "nurse"
    LABORATORY_TECHNICIAN = "laboratory_technician"


class Purpose(StrEnum):
    """What for. It is chosen with the session and every decision depends on it."""

    TREATMENT = "treatment"
    PERSONAL = "personal"
    RESEARCH = "research"
    OVERSIGHT = "oversight"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True, order=True)
class Opened:
    """A chart opened by break-glass until ``until``, with the labels opened deliberately."""

    patient: str
    until: datetime
    id: str
    pierces: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Lent:
    """What a colleague on leave lends by delegation ``id`` until ``until``.

    ``departments`` are the colleague's, less those that the person has anyway; ``care`` are
    the patients in whose care team identity keeps the colleague; ``licences`` are the kinds
    that the colleague holds today. Nothing that was lent to the colleague is in it.
    """

    person: str
    id: str
    until: datetime
    departments: frozenset[str] = frozenset()
    care: frozenset[str] = frozenset()
    licences: frozenset[LicenceKind] = frozenset()


SENSITIVE = frozenset({"PSY", "HIV", "GDIS", "EMP"})
"""Labels that a department alone does not open (HL7 v3 ActCode InformationSensitivityPolicy):
psychiatry, HIV, genetics, and patients who are members of staff."""

DEPARTMENT = "department:"
"""What a refusal of a whole department begins with in ``Facts.refused``."""

HOOKS = "hooks"
"""The scope of systems that show drafts as cards (CDS Hooks); no token for FHIR bears it."""

Kind = Literal["person", "client", "system"]

CLINICAL = frozenset(
    {
        Role.PHYSICIAN,
        Role.SENIOR_PHYSICIAN,
        Role.NURSE,
        Role.LABORATORY_TECHNICIAN,
        Role.PATHOLOGIST,
        Role.PHARMACIST,
    }
)
_PURPOSES: tuple[tuple[Purpose, frozenset[Role]], ...] = (
    (Purpose.TREATMENT, CLINICAL),
    (Purpose.OPERATIONS, frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.CURATOR})),
    (Purpose.OVERSIGHT, frozenset({Role.AUDITOR})),
    (Purpose.RESEARCH, frozenset({Role.RESEARCHER})),
    (Purpose.PERSONAL, frozenset({Role.PATIENT})),
)


def purposes(roles: frozenset[Role]) -> tuple[Purpose, ...]:
    """The purposes that these roles may choose, the one that a sign-in begins with first."""
    return tuple(purpose for purpose, holders in _PURPOSES if roles & holders)


@dataclass(frozen=True, slots=True)
class AppAccess:
    """The app through which a person asks, and what it may see of what the person may see.

    ``scopes`` are SMART scopes of the levels patient and user; those of the level patient
    reach the records of ``patient`` alone.
    """

    id: str
    scopes: frozenset[str]
    patient: str | None = None

    @property
    def rights(self) -> tuple[Scope, ...]:
        """The scopes that name resource types."""
        return readable(self.scopes)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever asks, as the policy sees them at this moment.

    ``departments`` are the codes of departments that the person belongs to or is on duty
    in now; ``patients`` are the person's own records (role patient); ``care`` are the
    patients in whose care team identity itself keeps the person now; ``licences`` are the
    kinds valid today; ``stands_for`` are colleagues on leave whose relation to their patients
    was delegated, and ``lent`` is what each of them lends, which ``departments`` and ``care``
    hold as well; ``opened`` are the charts opened by break-glass and ``at`` is the moment
    of which all this is true, set only where ``opened`` needs it. ``scopes`` belong to
    clients. ``session`` is the public identifier of the session, never its token. ``app`` is
    set where an app asks for the person, and narrows everything.
    """

    id: str
    name: str
    kind: Kind
    roles: frozenset[Role] = frozenset()
    departments: frozenset[str] = frozenset()
    patients: frozenset[str] = frozenset()
    purpose: Purpose = Purpose.TREATMENT
    scopes: frozenset[str] = frozenset()
    session: str | None = None
    licences: frozenset[LicenceKind] = frozenset()
    care: frozenset[str] = frozenset()
    stands_for: frozenset[str] = frozenset()
    lent: frozenset[Lent] = frozenset()
    opened: frozenset[Opened] = frozenset()
    at: datetime | None = None
    app: AppAccess | None = None

    @property
    def opened_patients(self) -> frozenset[str]:
        """The patients whose charts are open by break-glass, as of ``at``."""
        return frozenset(one.patient for one in self.opened)

    @property
    def outside(self) -> bool:
        """Whether another system asks, for itself or for a person."""
        return self.kind == "client" or self.app is not None

    @property
    def through(self) -> dict[str, str]:
        """What the ledger adds to every step that a person takes through an app."""
        return {"app": self.app.id} if self.app else {}

    @property
    def actor(self) -> str:
        """How the ledger knows them: ``person:<id>``, ``client:<id>`` or ``system:<name>``."""
        return f"{self.kind}:{self.id}"

    @staticmethod
    def system(name: str) -> Principal:
        """A part of this installation: worker, importer, timekeeper or installer."""
        return Principal(name, name, "system", purpose=Purpose.OPERATIONS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the policy must know of the thing asked for.

    ``kind`` is ``chart`` for a patient's chart as a whole, a FHIR resource type, or
    ``<room>.<kind>`` of a draft. ``patient`` is None only for what belongs to no patient.
    ``care_team`` holds identifiers of persons; ``sensitivity`` holds FHIR security labels;
    ``refused`` what the patient refuses: ai, research, teaching, or ``department:<code>``.
    """

    kind: str
    patient: str | None
    departments: frozenset[str] = frozenset()
    care_team: frozenset[str] = frozenset()
    sensitivity: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @staticmethod
    def house(kind: str = "house") -> Facts:
        """A page or a thing that belongs to no patient."""
        return Facts(kind, None)
