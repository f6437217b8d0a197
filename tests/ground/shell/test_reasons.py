"""The reasons within sentences of errors are said in the reader's language too."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.requests import Request

from countersign.ground.chart.errors import Invalid
from countersign.ground.chart.problems import SENTENCES, Problem
from countersign.ground.identity import TokenRefused
from countersign.ground.identity.errors import TOKEN_REASONS
from countersign.ground.ledger import Event, EventKind, EventRefused
from countersign.ground.models import Switch
from countersign.ground.shell import Navigation, Pages
from countersign.kit.errors import CountersignError
from ground.shell.hospital import SITE


@pytest.fixture
def pages() -> Pages:
    return Pages(SITE, cast(Navigation, None), cast(Switch, None))


def said(pages: Pages, error: CountersignError, language: str) -> str:
    headers: list[Any] = [(b"accept-language", language.encode())]
    return pages.sentence(Request({"type": "http", "headers": headers}), error)


@pytest.mark.parametrize("reason", TOKEN_REASONS)
def test_what_the_hospitals_sign_in_sent_is_refused_in_ones_own_language(
    pages: Pages, reason: str
) -> None:
    error = TokenRefused(reason=reason)
    assert TOKEN_REASONS[reason].zh in said(pages, error, "zh")
    assert TOKEN_REASONS[reason].en in said(pages, error, "en")
    assert error.details["reason"] == reason, "the ledger keeps the short word"


def test_errors_of_imports_and_of_the_ledger_are_said_in_ones_own_language(pages: Pages) -> None:
    error = Invalid(0, "Observation", [Problem("Observation.status", "missing")])
    assert f"Observation.status {SENTENCES['missing'].zh}" in said(pages, error, "zh")
    assert f"Observation.status {SENTENCES['missing'].en}" in said(pages, error, "en")
    assert str(error.refusal().details["reason"]) == "Observation.status is required"
    with pytest.raises(EventRefused) as refused:
        Event(EventKind.SIGN_IN, "person:a", patient="\u202e")
    assert "patient 含有无法打印的字符" in said(pages, refused.value, "zh")
