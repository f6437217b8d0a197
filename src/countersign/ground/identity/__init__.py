"""Who may do what: people, accounts, other systems, and the policy that decides."""

from .accounts import Accounts, SignedIn
from .action import Action
from .breakglass import OUTCOMES, REASONS, BreakGlass, Opening, Stated
from .clients import Client, Clients, Issued
from .directory import HOSPITAL_ZONE, Department, Directory, Licence, Person
from .entities import SCOPE
from .errors import (
    BadCsrf,
    BadValue,
    Forbidden,
    GlassUnknown,
    Locked,
    NameTaken,
    NotFound,
    OnlyEmergency,
    OwnReview,
    PasswordIsName,
    PasswordTooLong,
    PasswordTooShort,
    PolicyBroken,
    Reviewed,
    SignedOut,
    WrongPassword,
)
from .people import People
from .policy import Decision, Policy
from .principal import Facts, LicenceKind, Opened, Principal, Purpose, Role, purposes
from .profiles import Care, Duty, Profile
from .reach import scope_of
from .rules import Rule
from .sessions import OpenSession, Session
from .visibility import ADMITTED, CLOSE, SENSITIVE, Visibility

__all__ = [
    "ADMITTED",
    "OUTCOMES",
    "REASONS",
    "CLOSE",
    "HOSPITAL_ZONE",
    "SCOPE",
    "SENSITIVE",
    "Accounts",
    "Action",
    "BadCsrf",
    "BadValue",
    "BreakGlass",
    "Care",
    "Client",
    "Clients",
    "Decision",
    "Department",
    "Directory",
    "Duty",
    "Facts",
    "Forbidden",
    "GlassUnknown",
    "Issued",
    "Licence",
    "LicenceKind",
    "Locked",
    "NameTaken",
    "NotFound",
    "OnlyEmergency",
    "OwnReview",
    "OpenSession",
    "Opened",
    "Opening",
    "PasswordIsName",
    "PasswordTooLong",
    "PasswordTooShort",
    "People",
    "Person",
    "Policy",
    "PolicyBroken",
    "Principal",
    "Profile",
    "Purpose",
    "Reviewed",
    "Role",
    "Rule",
    "Session",
    "SignedIn",
    "SignedOut",
    "Stated",
    "Visibility",
    "WrongPassword",
    "purposes",
    "scope_of",
]
