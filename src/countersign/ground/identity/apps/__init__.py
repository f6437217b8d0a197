"""Apps that ask for a person, and services that ask for themselves, by SMART on FHIR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from countersign.ground.db import Pool
from countersign.ground.identity.policy import Policy
from countersign.ground.ledger import Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .allowed import Allowed, AllowedApps
from .conversation import Asked, Conversations, Wanted
from .errors import AssertionUsed, BadGrant, NoSuchApp, RequestEnded
from .grants import Granted, Grants, fhir_user
from .registry import App, AppKind, AppRegistry, NewApp, fit_address, origin_of
from .tokens import Tokens, TokenState

__all__ = [
    "Allowed",
    "AllowedApps",
    "App",
    "AppKind",
    "AppRegistry",
    "Apps",
    "Asked",
    "AssertionUsed",
    "BadGrant",
    "Conversations",
    "Granted",
    "Grants",
    "NewApp",
    "NoSuchApp",
    "RequestEnded",
    "TokenState",
    "Tokens",
    "Wanted",
    "fhir_user",
    "fit_address",
    "open_apps",
    "origin_of",
]


@dataclass(frozen=True, slots=True)
class Apps:
    """What apps need: who they are, what was asked, what was granted, who stands behind a
    token, and what a person can end.
    """

    registry: AppRegistry
    conversations: Conversations
    grants: Grants
    tokens: Tokens
    allowed: AllowedApps


def open_apps(
    pool: Pool, ledger: Ledger, policy: Policy, clock: Clock, new_id: NewId, zone: tzinfo
) -> Apps:
    """``pool`` is that of DbRole.IDENTITY."""
    return Apps(
        AppRegistry(pool, ledger, policy, clock, new_id),
        Conversations(pool, ledger, policy, clock, new_id),
        Grants(pool, ledger, clock, new_id, zone),
        Tokens(pool, ledger, clock, zone),
        AllowedApps(pool, ledger, clock),
    )
