"""Reads drafts and signatures from the database and opens what is encrypted."""

from __future__ import annotations

from typing import Any

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Facts, LicenceKind, Principal, scope_of
from countersign.ground.vault import Sealed, Vault
from countersign.kit.json import digest
from countersign.kit.words import Language, Words

from ._mint import Signature, Signed, mint
from .content import amended_content, draft_content
from .draft import Body, Draft, DraftHead, RiskClass, Urgency
from .errors import Damaged, UnknownDraft

SIGNED_STATES = ("signed", "released")


class Rows:
    """The gate's rows as objects; holds no rule about who may see them."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self.pool = pool
        self.vault = vault

    def seen_by(self, principal: Principal) -> Rows:
        """The rows that the database shows for this principal."""
        return Rows(self.pool.within(scope_of(principal)), self.vault)

    def about(self, draft_id: str) -> Facts | None:
        """What the policy must know of a draft, seen or not; None for no such one."""
        rows = self.pool.rows("select * from signoff.about(%s)", (draft_id,))
        if not rows:
            return None
        row = rows[0]
        return Facts(
            f"{row['room']}.{row['kind']}",
            row["patient"],
            frozenset(row["departments"]),
            frozenset(row["care_team"]),
            frozenset(row["sensitivity"]),
            frozenset(row["refused"]),
        )

    def state(self, draft_id: str) -> DictRow:
        """The row of ``signoff.state``. Raises UnknownDraft."""
        rows = self.pool.rows("select * from signoff.state where id = %s", (draft_id,))
        if not rows:
            raise UnknownDraft
        return rows[0]

    def draft(self, draft_id: str) -> Draft[Body]:
        """The draft with its content, whose hash is checked. Raises UnknownDraft, Damaged."""
        rows = self.pool.rows("select * from signoff.draft where id = %s", (draft_id,))
        if not rows:
            raise UnknownDraft
        return self.opened(rows[0])

    def opened(self, row: DictRow) -> Draft[Body]:
        """The draft of one row of ``signoff.draft``."""
        raw = self.vault.open(row["patient"], sealed(row), f"draft/{row['id']}")
        if digest(raw) != row["sha256"]:
            raise Damaged
        body, explanation = draft_content(raw)
        return Draft(head(row), body, explanation)

    def signatures(self, draft_id: str) -> list[DictRow]:
        """The signature rows of a draft, the first one first."""
        return self.pool.rows(
            "select * from signoff.signature where draft_id = %s order by ordinal", (draft_id,)
        )

    def signature_text(self, row: DictRow) -> bytes:
        """What a signer wrote: an amended answer or a comment; empty when nothing."""
        return self.vault.open(row["patient"], sealed(row), f"signature/{row['id']}")

    def signed(self, draft_id: str) -> Signed[Body] | None:
        """What may be released, or None while a signature is missing or refused."""
        if self.state(draft_id)["state"] not in SIGNED_STATES:
            return None
        draft = self.draft(draft_id)
        rows = self.signatures(draft_id)
        text: Words | tuple[Language, str] = draft.body.text
        if rows[0]["decision"] == "amended":
            raw = self.signature_text(rows[0])
            if digest(raw) != rows[0]["signed_sha256"]:
                raise Damaged
            text = amended_content(raw)
        second = _signature(rows[1]) if len(rows) > 1 else None
        return mint(draft, text, rows[0]["signed_sha256"], _signature(rows[0]), second)


def sealed(row: dict[str, Any]) -> Sealed:
    """The encrypted part of a row."""
    return Sealed(row["suite"], row["key_id"], row["box"])


def head(row: dict[str, Any]) -> DraftHead:
    """What a row says without being opened; from ``signoff.draft`` or ``signoff.state``."""
    sha256: str | bytes = row["sha256"]
    return DraftHead(
        id=row["id"],
        room=row["room"],
        kind=row["kind"],
        patient=row["patient"],
        risk=RiskClass(row["risk"]),
        urgency=Urgency(row["urgency"]),
        signers=frozenset(LicenceKind(kind) for kind in row["signer_kinds"]),
        model=row.get("model") or f"{row['model_name']}@{row['model_version']}",
        sha256=sha256 if isinstance(sha256, str) else sha256.hex(),
        proposed_at=row["proposed_at"],
        expires_at=row["expires_at"],
        corrects=row["corrects"],
    )


def _signature(row: DictRow) -> Signature:
    return Signature(
        id=row["id"],
        ordinal=row["ordinal"],
        signer=row["signer_id"],
        licence=row["licence_id"],
        licence_kind=row["licence_kind"],
        decision=row["decision"],
        signed_at=row["signed_at"],
        on_behalf_of=row["on_behalf_of"],
    )
