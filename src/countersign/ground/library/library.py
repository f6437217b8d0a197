"""The library as every room uses it: keeping, consulting, finding, and the index below them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.identity import Policy
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger, Returned, random_salt
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .aids import Aids
from .bringing import Bringing
from .consulting import Consulting
from .finding import Finding
from .helped import Helped
from .index import Index, Search
from .keeping import Keeping
from .rows import Rows
from .sources import opened_source
from .understanding import Bounds, NotUnderstood, Understood, read, read_apart
from .watching import Watching

MEGABYTES = 200


class Library:
    """Parts by name: ``keeping`` for curators, ``consulting`` and ``finding`` for readers.

    ``search`` finds among passages in this process; ``megabytes`` bounds one file. ``folder`` is
    watched, as are folders below ``root`` that curators choose; ``aids`` are what a hospital gives
    the search beside words.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        ledger: Ledger,
        policy: Policy,
        jobs: Jobs,
        clock: Clock,
        new_id: NewId,
        search: Search,
        megabytes: int = MEGABYTES,
        folder: Path | None = None,
        bounds: Bounds | None = None,
        aids: Aids | None = None,
        root: Path | None = None,
    ) -> None:
        self._rows = Rows(database.pool(DbRole.LIBRARY), vault)
        self._vault = vault
        self._bounds = bounds or Bounds()
        self.megabytes = megabytes
        limit = megabytes * 1024 * 1024
        self.index = Index(self._rows, search, aids)
        self.keeping = Keeping(self._rows, ledger, policy, jobs, clock, new_id, limit)
        self.watching = Watching(
            self._rows, ledger, policy, self.keeping, clock, new_id, limit, root, folder
        )
        self.bringing = Bringing(self._rows, ledger, clock, new_id, limit)
        helped = Helped(self._rows, counts=aids is None or aids.helpful)
        self.consulting = Consulting(self._rows, ledger, policy, new_id, helped)
        returned = Returned(database.pool(DbRole.LEDGER), vault, random_salt)
        self.finding = Finding(self._rows, self.index, ledger, policy, returned, clock, helped)

    def understand(self, version: str) -> None:
        """Reads a version that was received, in a process of its own; whatever the file holds,
        it ends in a state that the curator sees. Does nothing where it was read before.
        """
        self._understand(version, lambda file, name: read_apart(file, name, self._bounds))

    def understand_here(self, version: str) -> None:
        """The same in this process: only for files that are known to be harmless."""
        self._understand(version, lambda file, name: read(b"".join(file), Path(name).suffix))

    def _understand(
        self, version: str, reader: Callable[[Iterable[bytes], str], Understood]
    ) -> None:
        one = self._rows.version(WHOLE, version)
        if one.outcome is not None:
            return
        file = self._rows.one(WHOLE, one.document).card.file
        source = opened_source(self._rows.within(WHOLE), self._vault, version)
        found: Understood | NotUnderstood
        try:
            found = reader(source, file)
        except NotUnderstood as problem:
            found = problem
        self.keeping.understood(version, found)
