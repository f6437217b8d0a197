"""The text that a physician is still writing, kept so that nothing typed is lost."""

from __future__ import annotations

from countersign.ground.db import Pool
from countersign.ground.identity import Principal, scope_of
from countersign.ground.vault import Vault
from countersign.kit.json import decode, encode
from countersign.kit.words import Language

from .rows import Rows, sealed

LONGEST = 20_000


class WorkingCopies:
    """One unfinished text for each person and draft; it counts for nothing."""

    def __init__(self, pool: Pool, rows: Rows, vault: Vault) -> None:
        self._pool = pool
        self._rows = rows
        self._vault = vault

    def save(self, principal: Principal, draft_id: str, language: Language, text: str) -> None:
        """Keeps the text in place of an earlier one. Raises UnknownDraft."""
        patient = self._rows.seen_by(principal).state(draft_id)["patient"]
        raw = encode({"language": language, "text": text[:LONGEST]})
        box = self._vault.seal(patient, raw, f"working/{draft_id}/{principal.id}")
        with self._within(principal).transaction() as connection:
            connection.execute(
                "insert into signoff.working values (%s, %s, %s, %s, %s, now())"
                " on conflict (draft_id, person_id) do update set suite = excluded.suite,"
                " key_id = excluded.key_id, box = excluded.box, saved_at = excluded.saved_at",
                (draft_id, principal.id, box.suite, box.key_id, box.box),
            )

    def load(self, principal: Principal, draft_id: str) -> tuple[Language, str] | None:
        """The person's own unfinished text, if there is one."""
        rows = self._within(principal).rows(
            "select w.*, d.patient from signoff.working w join signoff.draft d"
            " on d.id = w.draft_id where w.draft_id = %s and w.person_id = %s",
            (draft_id, principal.id),
        )
        if not rows:
            return None
        context = f"working/{draft_id}/{principal.id}"
        content = decode(self._vault.open(rows[0]["patient"], sealed(rows[0]), context))
        return content["language"], content["text"]

    def discard(self, principal: Principal, draft_id: str) -> None:
        """Forgets the unfinished text: undo, as far as the draft itself."""
        with self._within(principal).transaction() as connection:
            connection.execute(
                "delete from signoff.working where draft_id = %s and person_id = %s",
                (draft_id, principal.id),
            )

    def _within(self, principal: Principal) -> Pool:
        return self._pool.within(scope_of(principal))
