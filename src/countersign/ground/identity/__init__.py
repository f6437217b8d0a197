"""Who may do what: people, accounts, other systems, and the policy that decides."""

from .accounts import Accounts, SignedIn
from .action import Action
from .apps import App, AppKind, AppRegistry, Apps, Asked, AssertionUsed, BadGrant, Conversations, Granted, Grants, NewApp, NoSuchApp, RequestEnded, TokenState, Tokens, Wanted, fhir_user, fit_address, open_apps, origin_of
from .clients import Client, Clients, Issued
from .directory import Department, Directory, HOSPITAL_ZONE, Licence, Person
from .enrolment import Enrolment, Holder
from .entities import SCOPE
from .entrance import Code, Entrance, Passkey, Password, Proof, STEP_UP, Ways
from .errors import BadCsrf, BadValue, Forbidden, LocalAccountsClosed, Locked, NameTaken, NoProvider, NotEnrolled, NotFound, PasskeyRefused, PasswordIsName, PasswordTooLong, PasswordTooShort, PolicyBroken, ProviderBroken, SecondFactorNeeded, SignedOut, StepUpNeeded, TokenRefused, TooManyFactors, UnknownSubject, WrongPassword, WrongProof
from .factors import Enrolled, Factor
from .links import Arrival, Link
from .openid import Answered, Arrived
from .passkeys import Party
from .pending import SecondFactor, Waiting
from .people import People
from .policy import Decision, Policy
from .presence import Presences, Way
from .principal import AppAccess, Facts, LicenceKind, Opened, Principal, Purpose, Role, purposes
from .profiles import Care, Duty, Profile
from .provider import ProviderSettings
from .reach import scope_of
from .rules import Rule
from .scopes import BadScope, Scope, Scopes, read_scopes
from .sessions import OpenSession, Session
from .totp import address as enrolment_address
from .visibility import ADMITTED, CLOSE, SENSITIVE, Visibility

__all__ = [
    "ADMITTED",
    "Accounts",
    "Action",
    "Answered",
    "App",
    "AppAccess",
    "AppKind",
    "AppRegistry",
    "Apps",
    "Arrival",
    "Arrived",
    "Asked",
    "AssertionUsed",
    "BadCsrf",
    "BadGrant",
    "BadScope",
    "BadValue",
    "CLOSE",
    "Care",
    "Client",
    "Clients",
    "Code",
    "Conversations",
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
    "Granted",
    "Grants",
    "HOSPITAL_ZONE",
    "Holder",
    "Issued",
    "Licence",
    "LicenceKind",
    "Link",
    "LocalAccountsClosed",
    "Locked",
    "NameTaken",
    "NewApp",
    "NoProvider",
    "NoSuchApp",
    "NotEnrolled",
    "NotFound",
    "OpenSession",
    "Opened",
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
    "RequestEnded",
    "Role",
    "Rule",
    "SCOPE",
    "SENSITIVE",
    "STEP_UP",
    "Scope",
    "Scopes",
    "SecondFactor",
    "SecondFactorNeeded",
    "Session",
    "SignedIn",
    "SignedOut",
    "StepUpNeeded",
    "TokenRefused",
    "TokenState",
    "Tokens",
    "TooManyFactors",
    "UnknownSubject",
    "Visibility",
    "Waiting",
    "Wanted",
    "Way",
    "Ways",
    "WrongPassword",
    "WrongProof",
    "enrolment_address",
    "fhir_user",
    "fit_address",
    "open_apps",
    "origin_of",
    "purposes",
    "read_scopes",
    "scope_of",
]
