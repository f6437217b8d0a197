"""One reader of findings for all tests; it takes a moment to make."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning.findings import Recogniser


@pytest.fixture(scope="session")
def reader() -> Recogniser:
    return Recogniser.open()
