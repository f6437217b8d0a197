"""The load generator puts real load on a real server, and sees a server that goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.ground.egress import Egress, EgressRefused, places
from countersign.kit.clock import utc_now
from countersign.rooms.modelbench.domain.load import (
    BadLoad,
    Closed,
    Endpoint,
    LoadPlan,
    LoadRequest,
    LoadResult,
    Poisson,
    Replay,
    ServiceLevel,
    Target,
)
from countersign.rooms.modelbench.inference.load import LoadGenerator
from llm.server import FaultServer, fault_server
from llm.servers import free_port, llama_server

GENERATOR = LoadGenerator(Egress(places(["127.0.0.1"])))
REQUESTS = tuple(LoadRequest(f"Question {number}: who signs a draft?", 16) for number in range(10))
PLAN = LoadPlan(Closed(8), REQUESTS, count=40, warm_up=4)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with llama_server(tmp_path_factory.mktemp("llama")) as server:
        yield Target(server.url, server.model)


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server


def whole(result: LoadResult, count: int, tokens: int) -> None:
    found = result.metrics
    assert Counter(one.failed for one in result.samples) == {"": count}
    assert found.tokens_out == count * tokens
    assert found.tokens_in > count
    assert found.request_throughput == pytest.approx(count / found.seconds)
    assert all(one.parts[0] >= one.sent >= one.due for one in result.samples)
    assert result.processor_seconds > 0


def test_streams_ask_again_when_they_are_answered(llama: Target) -> None:
    result = GENERATOR.run(PLAN, llama, utc_now)
    whole(result, 40, 16)
    assert 1 <= result.metrics.most_at_once <= 8
    assert result.holds


def test_requests_come_at_their_rate_whatever_became_of_others(llama: Target) -> None:
    plan = replace(PLAN, arrivals=Poisson(200.0), endpoint=Endpoint.TEXT)
    result = GENERATOR.run(plan, llama, utc_now)
    whole(result, 40, 16)
    assert result.samples[-1].due == pytest.approx(40 / 200)
    assert result.metrics.seconds >= 40 / 200


def test_what_was_recorded_is_sent_again(llama: Target) -> None:
    plan = replace(PLAN, arrivals=Replay((5.0, 5.0, 5.1)), level=ServiceLevel(e2el=300))
    result = GENERATOR.run(plan, llama, utc_now)
    whole(result, 3, 16)
    assert [one.due for one in result.samples] == pytest.approx([0, 0, 0.1])
    assert result.metrics.good_share == 1


def test_no_more_go_at_once_than_may(llama: Target) -> None:
    plan = replace(PLAN, arrivals=Poisson(1e6), at_once=3)
    assert GENERATOR.run(plan, llama, utc_now).metrics.most_at_once <= 3


def test_a_load_ends_by_its_time(faulty: FaultServer) -> None:
    plan = replace(PLAN, arrivals=Poisson(1.0), seconds=0.001, warm_up=0)
    result = GENERATOR.run(plan, Target(faulty.address, "ok"), utc_now)
    assert not result.samples
    assert not result.metrics.completed


def test_rising_load_ends_where_the_level_breaks(llama: Target) -> None:
    plan = replace(PLAN, count=8, level=ServiceLevel(e2el=300))
    risen = GENERATOR.rise(plan, [Closed(1), Closed(2)], llama, utc_now)
    assert (len(risen.loads), risen.broke) == (2, None)
    assert risen.held is risen.loads[1]
    plan = replace(plan, level=ServiceLevel(ttft=1e-9))
    risen = GENERATOR.rise(plan, [Closed(1), Closed(2)], llama, utc_now)
    assert (len(risen.loads), risen.broke, risen.held) == (1, risen.loads[0], None)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("hang-3", "late"),
        ("cut-3", "broken"),
        ("busy-1", "http-429"),
        ("fail", "http-500"),
        ("html", "empty"),
        ("no-finish", "cut"),
        ("error-event", "error"),
    ],
)
def test_a_server_that_goes_wrong_is_a_result(faulty: FaultServer, model: str, why: str) -> None:
    plan = replace(PLAN, count=3, warm_up=0, each=1.0)
    result = GENERATOR.run(plan, Target(faulty.address, model), utc_now)
    assert Counter(one.failed for one in result.samples) == {why: 3}
    assert not result.holds


def test_connections_that_the_server_left_are_no_failure(faulty: FaultServer) -> None:
    result = GENERATOR.run(PLAN, Target(faulty.address, "leaves"), utc_now)
    assert Counter(one.failed for one in result.samples) == {"": 40}


def test_nobody_there_and_nobody_allowed() -> None:
    plan = replace(PLAN, count=2, warm_up=0)
    nobody = Target(f"http://127.0.0.1:{free_port()}/v1", "x")
    assert {one.failed for one in GENERATOR.run(plan, nobody, utc_now).samples} == {"unreached"}
    with pytest.raises(EgressRefused):
        GENERATOR.run(plan, Target("http://10.1.2.3:8000/v1", "x"), utc_now)
    with pytest.raises(BadLoad):
        GENERATOR.run(replace(plan, count=0), nobody, utc_now)


def test_a_key_is_sent_and_not_shown(tmp_path: Path) -> None:
    with fault_server(token="k-17") as server:
        target = Target(server.address, "ok", {"authorization": "Bearer k-17"})
        plan = replace(PLAN, count=1, warm_up=0)
        assert GENERATOR.run(plan, target, utc_now).metrics.completed == 1
        assert "k-17" not in repr(target)
        without = replace(target, headers={})
        assert GENERATOR.run(plan, without, utc_now).samples[0].failed == "http-401"
