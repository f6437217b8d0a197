"""The hospital's own signed cases as a medical set; read for one study and kept nowhere."""

from __future__ import annotations

from hashlib import sha256

from countersign.ground.identity import Principal
from countersign.ground.models import Studies
from countersign.ground.signoff import Casebook
from countersign.rooms.modelbench.domain.study.sets import OWN, SETS
from countersign.rooms.modelbench.store import FoundSet

WORKER = Principal.system("worker")
LEAST = 20
"""Characters of a signed text at least: a word alone compares nothing."""


class SignedCases:
    """Signed and amended answers; rejected ones have no reference and are left out."""

    def __init__(self, casebook: Casebook, studies: Studies) -> None:
        self._casebook = casebook
        self._studies = studies

    def read(self, study: str) -> FoundSet:
        """Every case with facts and enough text. Raises AIStopped, LedgerUnavailable."""
        cases = [one for one in self._casebook.signed() if one.facts and len(one.signed) >= LEAST]
        self._studies.note_cases(WORKER, study, len(cases))
        rows = [
            {"id": one.draft, "facts": one.facts, "title": one.title, "signed": one.signed}
            for one in cases
        ]
        named = "\n".join(sorted(one.draft for one in cases))
        items = SETS[OWN].items(rows, ())
        return FoundSet(tuple(items), sha256(named.encode()).hexdigest())
