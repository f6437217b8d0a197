"""Random walks: whatever is done in whatever order, only what was signed gets into the chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from building import Building
from countersign.ground.db import Database
from gate.walking import LIKELY, PROPOSED_WHILE_STOPPED, Walk, WalkStage, escapes

WALKS = 200
LONGEST = 8
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def walking(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WalkStage]:
    building = Building(module_database, tmp_path_factory.mktemp("house"))
    stage = WalkStage(building)
    yield stage
    stage.close()
    building.close()


def test_nothing_unsigned_gets_into_the_chart(walking: WalkStage) -> None:
    outcomes: Counter[tuple[str, bool]] = Counter()

    class Walking(RuleBasedStateMachine):
        walk: Walk

        # What a step chooses hangs on what the database answered before, so that each takes
        # its choices from a number of its own.
        @initialize(seed=SEEDS)
        def start(self, seed: int) -> None:
            self.walk = Walk(walking, Random(seed).choice, outcomes)

        @rule(kind=st.sampled_from(LIKELY), seed=SEEDS)
        def step(self, kind: str, seed: int) -> None:
            self.walk.pick = Random(seed).choice
            self.walk.step(kind)

        def teardown(self) -> None:
            if hasattr(self, "walk"):
                assert self.walk.end() == []

    run_state_machine_as_test(
        Walking,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=LONGEST,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=(Phase.generate,),
            print_blob=False,
        ),
    )
    assert escapes(walking) == []
    assert walking.found(PROPOSED_WHILE_STOPPED) == []
    assert sum(outcomes.values()) > WALKS, "the walkers went somewhere"
    assert walking.found("select 1 from release.released"), "and some got through"
