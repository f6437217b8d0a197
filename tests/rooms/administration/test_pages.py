"""The administrator's pages ask for the right before they show or do anything."""

from __future__ import annotations

import pytest
from fastapi import APIRouter

from countersign.ground.identity import Action
from countersign.ground.shell import actions_of
from countersign.rooms.administration.pages import pages

EXPECTED = {
    "/administration/ai": Action.AI_STOP,
    "/administration/ai/stop": Action.AI_STOP,
    "/administration/ai/resume": Action.AI_RESUME,
    "/administration/models": Action.MODELS_READ,
    "/administration/models/{name}/{version}": Action.MODELS_READ,
    "/administration/jobs": Action.JOBS_READ,
    "/administration/jobs/{job}/retry": Action.JOBS_RETRY,
    "/administration/people": Action.PEOPLE_READ,
    "/administration/network": Action.EGRESS_READ,
    "/administration/people/{person}": Action.PEOPLE_READ,
    "/administration/people/{person}/factors/{factor}/remove": Action.FACTORS_REMOVE,
    "/administration/people/{person}/links/{link}/end": Action.IDENTITY_LINK,
    "/administration/arrivals": Action.IDENTITY_LINK,
    "/administration/arrivals/{arrival}/link": Action.IDENTITY_LINK,
    "/administration/policy": Action.POLICY_READ,
}


@pytest.fixture
def router() -> APIRouter:
    return pages(None)  # type: ignore[arg-type]


def test_each_page_is_guarded_by_its_own_action(router: APIRouter) -> None:
    found = {route.path: actions_of(route) for route in router.routes}  # type: ignore[attr-defined]
    assert found == {path: frozenset({action}) for path, action in EXPECTED.items()}
