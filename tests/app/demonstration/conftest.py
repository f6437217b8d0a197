"""The demonstration patients, generated once for all tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest

from app.demonstration.charts import SEED, Chart
from countersign.app.demonstration import patients

MOMENTS = (
    datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=8))),
    datetime(2028, 2, 29, 18, 5, 7, tzinfo=UTC),
)


@pytest.fixture(scope="session", params=MOMENTS, ids=["morning", "leap-night"])
def moment(request: pytest.FixtureRequest) -> datetime:
    """The present moment of the demonstration: a working morning, and a night of a leap day."""
    return request.param


@pytest.fixture(scope="session")
def charts(moment: datetime) -> list[Chart]:
    """All patients at that moment."""
    return [Chart(bundle) for bundle in patients(Random(SEED), moment)]
