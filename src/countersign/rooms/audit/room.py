"""The audit: who saw, asked, signed, overrode and released what, with proofs for outsiders."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, Role
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .jobs import PERIODIC, handlers
from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="audit",
    title=Words("Audit", "审计"),
    summary=Words(
        "Every step with its receipt, and bundles that an outsider can verify.",
        "每一步操作及其回执，以及可由外部核验的凭据包。",
    ),
    pages=pages,
    nav=(
        NavItem(
            "/audit",
            Words("Audit", "审计"),
            (Action.AUDIT_READ,),
            home=frozenset({Role.AUDITOR, Role.SECURITY_OFFICER}),
            key="a",
        ),
    ),
    jobs=handlers,
    periodic=PERIODIC,
    templates=HERE / "templates" / "audit",
    locale=HERE / "locale",
)
