"""Who may do what: people, accounts, other systems, and the policy that decides."""

from .accounts import Accounts, SignedIn
from .action import Action
from .clients import Client, Clients, Issued
from .directory import HOSPITAL_ZONE, Department, Directory, Licence, Person
from .enrolment import Enrolment, Holder
from .entities import SCOPE
from .entrance import STEP_UP, Code, Entrance, Passkey, Password, Proof, Ways
from .errors import (
    BadCsrf,
    BadValue,
    Forbidden,
    LocalAccountsClosed,
    Locked,
    NameTaken,
    NoProvider,
    NotEnrolled,
    NotFound,
    PasskeyRefused,
    PasswordIsName,
    PasswordTooLong,
    PasswordTooShort,
    PolicyBroken,
    ProviderBroken,
    SecondFactorNeeded,
    SignedOut,
    StepUpNeeded,
    TokenRefused,
    TooManyFactors,
    UnknownSubject,
    WrongPassword,
    WrongProof,
)
from .factors import Enrolled, Factor
from .links import Arrival, Link
from .openid import Answered, Arrived
from .passkeys import Party
from .pending import SecondFactor, Waiting
from .people import People
from .policy import Decision, Policy
from .presence import Presences, Way
from .principal import Facts, LicenceKind, Principal, Purpose, Role, purposes
from .profiles import Care, Duty, Profile
from .provider import ProviderSettings
from .rules import Rule
from .sessions import OpenSession, Session
from .totp import address as enrolment_address
from .visibility import ADMITTED, SENSITIVE, Visibility

__all__ = [
    "ADMITTED",
    "HOSPITAL_ZONE",
    "SCOPE",
    "SENSITIVE",
    "STEP_UP",
    "Accounts",
    "Action",
    "Answered",
    "Arrival",
    "Arrived",
    "BadCsrf",
    "BadValue",
    "Care",
    "Client",
    "Clients",
    "Code",
    "Decision",
    "Department",
    "Directory",
    "Duty",
    "Enrolled",
    "Enrolment",
    "Entrance",
    "Factor",
    "Facts",
    "Forbidden",
    "Holder",
    "Issued",
    "Licence",
    "LicenceKind",
    "Link",
    "LocalAccountsClosed",
    "Locked",
    "NameTaken",
    "NoProvider",
    "NotEnrolled",
    "NotFound",
    "OpenSession",
    "Party",
    "Passkey",
    "PasskeyRefused",
    "Password",
    "PasswordIsName",
    "PasswordTooLong",
    "PasswordTooShort",
    "People",
    "Person",
    "Policy",
    "PolicyBroken",
    "Presences",
    "Principal",
    "Profile",
    "Proof",
    "ProviderBroken",
    "ProviderSettings",
    "Purpose",
    "Role",
    "Rule",
    "SecondFactor",
    "SecondFactorNeeded",
    "Session",
    "SignedIn",
    "SignedOut",
    "StepUpNeeded",
    "TokenRefused",
    "TooManyFactors",
    "UnknownSubject",
    "Visibility",
    "Waiting",
    "Way",
    "Ways",
    "WrongPassword",
    "WrongProof",
    "enrolment_address",
    "purposes",
]
