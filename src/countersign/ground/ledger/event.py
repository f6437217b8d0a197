"""What the ledger records: who did what to which patient, subject and model, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from countersign.kit.clock import stamp
from countersign.kit.json import JSON, MalformedJSON, decode, encode
from countersign.kit.words import Words

from .errors import EventRefused

VERSION = 1
MAX_BODY = 65_535
"""Bytes of one leaf: the most that an entry of c2sp.org/tlog-tiles can hold."""

_ACTOR = re.compile(r"(person|client|system):\S+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST = 256


class EventKind(StrEnum):
    """Every kind of step that leaves a receipt."""

    SIGN_IN = "sign-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_OUT = "sign-out"
    ACCESS_DENIED = "access-denied"
    CHART_VIEWED = "chart-viewed"
    CHART_RECEIVED = "chart-received"
    CHART_SEARCHED = "chart-searched"
    PATIENTS_LISTED = "patients-listed"
    DRAFT_PROPOSED = "draft-proposed"
    DRAFT_VIEWED = "draft-viewed"
    DRAFTS_LISTED = "drafts-listed"
    DRAFT_SIGNED = "draft-signed"
    DRAFT_REJECTED = "draft-rejected"
    DRAFT_EXPIRED = "draft-expired"
    DRAFT_TAKEN_BACK = "draft-taken-back"
    RELEASED = "released"
    EXPORTED = "exported"
    POLICY_CHANGED = "policy-changed"
    PERSON_CHANGED = "person-changed"
    MODEL_REGISTERED = "model-registered"
    AI_STOPPED = "ai-stopped"
    AI_RESUMED = "ai-resumed"
    AUDIT_VIEWED = "audit-viewed"
    JOB_RETRIED = "job-retried"
    KEY_MADE = "key-made"
    GLASS_OPENED = "break-glass-opened"
    GLASS_USED = "break-glass-used"
    GLASS_ENDED = "break-glass-ended"
    GLASS_REVIEWED = "break-glass-reviewed"
    LABEL_CHANGED = "label-changed"
    CONSENT_RECORDED = "consent-recorded"
    DELEGATED = "delegated"
    DELEGATION_ACCEPTED = "delegation-accepted"
    DELEGATION_DECLINED = "delegation-declined"
    DELEGATION_ENDED = "delegation-ended"
    LABEL_RULE_CHANGED = "label-rule-changed"
    DECISION_EXPLAINED = "decision-explained"
    PAYLOADS_PRUNED = "payloads-pruned"
    KEYS_ROTATED = "keys-rotated"
    DATA_RESEALED = "data-resealed"
    DATA_DESTROYED = "data-destroyed"
    CASES_CHANGED = "cases-changed"
    CASES_SEARCHED = "cases-searched"
    DISTILLATION_CHANGED = "distillation-changed"
    DISTILLATION_SHOWN = "distillation-shown"
    ORDER_CHECKED = "order-checked"
    RECORD_SAVED = "record-saved"
    ALERTS_ANSWERED = "alerts-answered"
    MEDICATION_RULE_CHANGED = "medication-rule-changed"
    MEDICATION_RULE_JUDGED = "medication-rule-judged"
    RECALL_STARTED = "recall-started"
    RECALL_ANSWERED = "recall-answered"
    RECALL_CLOSED = "recall-closed"
    CASE_OPENED = "case-opened"
    CASE_ESCALATED = "case-escalated"
    CASE_DECIDED = "case-decided"
    IMPRESSION_RECORDED = "impression-recorded"
    SHOWN_AT_ONCE = "shown-at-once"
    SAFETY_RULE_CHANGED = "safety-rule-changed"
    APP_CHANGED = "app-changed"
    APP_ALLOWED = "app-allowed"
    APP_ACCESS = "app-access"
    FACTOR_ENROLLED = "factor-enrolled"
    FACTOR_REMOVED = "factor-removed"
    STEPPED_UP = "stepped-up"
    STEP_UP_REFUSED = "step-up-refused"
    IDENTITY_LINKED = "identity-linked"
    IDENTITY_UNLINKED = "identity-unlinked"
    EGRESS_CONTACTED = "egress-contacted"
    EGRESS_REFUSED = "egress-refused"
    SCHEMA_CHANGED = "schema-changed"
    BACKUP_MADE = "backup-made"
    KEYS_EXPORTED = "keys-exported"
    RESTORED = "restored"
    DOCUMENT_RECEIVED = "document-received"
    DOCUMENT_READ = "document-read"
    DOCUMENT_DESCRIBED = "document-described"
    DOCUMENT_PUBLISHED = "document-published"
    DOCUMENT_REPLACED = "document-replaced"
    DOCUMENT_REVIEWED = "document-reviewed"
    DOCUMENT_WITHDRAWN = "document-withdrawn"
    DOCUMENT_EXPIRED = "document-expired"
    DOCUMENT_JUDGED = "document-judged"
    FOLDER_WATCHED = "folder-watched"
    FOLDER_UNWATCHED = "folder-unwatched"
    DOCUMENT_OPENED = "document-opened"
    LIBRARY_SEARCHED = "library-searched"
    MESSAGES_RECEIVED = "messages-received"
    MESSAGES_REPLAYED = "messages-replayed"
    MESSAGE_SET_ASIDE = "message-set-aside"
    MESSAGE_SENT = "message-sent"
    CDS_CLIENT_CHANGED = "cds-client-changed"
    CDS_CLIENT_REFUSED = "cds-client-refused"
    HOOK_ANSWERED = "hook-answered"
    CARD_OUTCOME = "card-outcome"
    STUDY_CHANGED = "study-changed"
    PRICES_CHANGED = "prices-changed"
    MODEL_SERVER_CHANGED = "model-server-changed"
    MODEL_SERVER_PROBED = "model-server-probed"
    MODEL_ASSIGNED = "model-assigned"
    MODEL_ASKED = "model-asked"
    MODEL_ANSWERED = "model-answered"
    PROTOCOL_CHANGED = "protocol-changed"
    INTERVIEW_INVITED = "interview-invited"
    INTERVIEW_OPENED = "interview-opened"
    INTERVIEW_SENT = "interview-sent"
    INTERVIEW_REVOKED = "interview-revoked"
    INTERVIEW_READ = "interview-read"
    DANGER_TOLD = "danger-told"
    DANGER_ACKNOWLEDGED = "danger-acknowledged"
    SLIDE_ARRIVED = "slide-arrived"
    SLIDE_MATCHED = "slide-matched"
    SLIDE_MOVED = "slide-moved"
    SLIDE_MEASURED = "slide-measured"
    SLIDE_CORRECTED = "slide-corrected"
    SLIDE_SHOWN = "slide-shown"
    SLIDES_LISTED = "slides-listed"
    CONTROL_CHANGED = "control-changed"
    IMAGES_RECEIVED = "images-received"
    TRAINED_CHANGED = "trained-changed"


@dataclass(frozen=True, slots=True)
class Event:
    """One step. It names actors, patients and subjects by identifier only.

    ``actor`` is ``person:<id>``, ``client:<id>`` or ``system:<name>``; ``subject`` such as
    ``draft:<id>`` or ``Observation/1/_history/2``; ``model`` is ``name@version``; ``commits``
    maps a name to a SHA-256 in hexadecimal; ``detail`` holds small facts, never clinical
    content, names of people or keys. Raises EventRefused for anything else.
    """

    kind: EventKind
    actor: str
    patient: str | None = None
    subject: str | None = None
    model: str | None = None
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    detail: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])

    def __post_init__(self) -> None:
        if not isinstance(self.kind, EventKind):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise EventRefused(reason="the kind is unknown")
        if not _ACTOR.fullmatch(self.actor):
            raise EventRefused(reason="the actor is not person:, client: or system: and a name")
        for name in ("actor", "patient", "subject", "model"):
            _check_text(name, getattr(self, name))
        for name, value in self.commits.items():
            _check_name(name)
            if not _SHA256.fullmatch(value):
                raise EventRefused(
                    reason=Words(
                        f"what is committed as {name} is not a SHA-256",
                        f"{name} 的承诺值不是 SHA-256",
                    )
                )
        for name, fact in self.detail.items():
            _check_name(name)
            if isinstance(fact, str):
                _check_text(name, fact)
            elif not isinstance(fact, int):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise EventRefused(
                    reason=Words(
                        f"{name} is no text, whole number, true or false",
                        f"{name} 不是文本、整数、真或假",
                    )
                )
            elif not -(2**53) < fact < 2**53:
                raise EventRefused(
                    reason=Words(f"{name} is too large a number", f"{name} 的数值过大")
                )

    def committing(self, **hashes: str) -> Event:
        """The same event with more commitments (SHA-256 in hexadecimal by name)."""
        return replace(self, commits={**self.commits, **hashes})

    def body(self, at: datetime, salt: bytes) -> bytes:
        """The bytes of the leaf: JSON with sorted keys, times in UTC with milliseconds.

        The salt keeps a pruned event, or one that only lends its hash to another's proof,
        from being guessed. Raises EventRefused when it is longer than MAX_BODY.
        """
        said: JSON = {
            "v": VERSION,
            "at": stamp(at),
            "salt": salt.hex(),
            "kind": str(self.kind),
            "actor": self.actor,
            "patient": self.patient,
            "subject": self.subject,
            "model": self.model,
            "commits": dict(self.commits) or None,
            "detail": dict(self.detail) or None,
        }
        body = encode({key: value for key, value in said.items() if value is not None})
        if len(body) > MAX_BODY:
            raise EventRefused(
                reason=Words(
                    f"it has {len(body)} bytes and may have {MAX_BODY}; commit to one digest",
                    f"有 {len(body)} 字节，至多 {MAX_BODY} 字节；请改为承诺一个摘要",
                )
            )
        return body


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of place: the leaf's index, its hash in hexadecimal, the time it names."""

    index: int
    leaf_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the ledger keeps it. ``kind`` may be one that a newer version wrote."""

    index: int
    at: datetime
    kind: str
    actor: str
    patient: str | None
    subject: str | None
    model: str | None
    commits: Mapping[str, str]
    detail: Mapping[str, str | int | bool]
    body: bytes

    @staticmethod
    def read(row: Mapping[str, Any]) -> Recorded:
        """An event from its row. Columns stand in for a body that can no longer be read."""
        said: JSON = {}
        with suppress(MalformedJSON, TypeError, ValueError):
            said = dict(decode(row["body"]))
        return Recorded(
            index=row["index"],
            at=row["at"],
            kind=row["kind"],
            actor=row["actor"],
            patient=row["patient"],
            subject=row["subject"],
            model=row["model"],
            commits=said.get("commits", {}),
            detail=said.get("detail", {}),
            body=row["body"],
        )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise EventRefused(reason="a name in it has other signs than letters, digits and .-_")


def _check_text(name: str, text: str | None) -> None:
    if text is None:
        return
    if not text or len(text) > _LONGEST:
        raise EventRefused(
            reason=Words(
                f"{name} must have 1 to {_LONGEST} signs", f"{name} 须有 1 至 {_LONGEST} 个字符"
            )
        )
    if not text.isprintable():
        raise EventRefused(
            reason=Words(f"{name} has a sign that cannot be printed", f"{name} 含有无法打印的字符")
        )
