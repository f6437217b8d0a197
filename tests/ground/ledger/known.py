"""What the tests of the ledger agree on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

ORIGIN = "hospital.example/ledger"
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
Owner = Callable[[str], None]
