"""Who may do what: people, accounts, other systems, and the policy that decides."""

from .accounts import Accounts, SignedIn
from .action import Action
from .clients import Client, Clients, Issued
from .directory import HOSPITAL_ZONE, Department, Directory, Licence, Person
from .entities import SCOPE
from .errors import (
    BadCsrf,
    BadValue,
    Forbidden,
    Locked,
    NameTaken,
    NotFound,
    PasswordIsName,
    PasswordTooLong,
    PasswordTooShort,
    PolicyBroken,
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
    "CLOSE",
    "HOSPITAL_ZONE",
    "SCOPE",
    "SENSITIVE",
    "Accounts",
    "Action",
    "BadCsrf",
    "BadValue",
    "Care",
    "Client",
    "Clients",
    "Decision",
    "Department",
    "Directory",
    "Duty",
    "Facts",
    "Forbidden",
    "Issued",
    "Licence",
    "LicenceKind",
    "Locked",
    "NameTaken",
    "NotFound",
    "OpenSession",
    "Opened",
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
    "Role",
    "Rule",
    "Session",
    "SignedIn",
    "SignedOut",
    "Visibility",
    "WrongPassword",
    "purposes",
    "scope_of",
]
