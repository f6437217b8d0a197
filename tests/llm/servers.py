"""Real servers of language models for tests, each with the tiny model, ended by their id."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tools.serving.running import NotInstalled, run_llama_server, run_transformers_server
from tools.serving.running import Running as Running
from tools.serving.running import free_port as free_port


@contextmanager
def llama_server(
    folder: Path, *options: str, slots: int = 4, size: str = "tiny"
) -> Iterator[Running]:
    """llama.cpp's server; ``folder`` takes its log, ``slots`` streams go at once."""
    with _needed(run_llama_server(folder, *options, slots=slots, size=size), always=True) as one:
        yield one


@contextmanager
def transformers_server(folder: Path) -> Iterator[Running]:
    """The server that comes with transformers, where PyTorch could be installed."""
    with _needed(run_transformers_server(folder), always=False) as one:
        yield one


@contextmanager
def _needed(starting: AbstractContextManager[Running], *, always: bool) -> Iterator[Running]:
    """Where the program is absent the test is skipped; in CI it fails if it must be there."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(starting)
        except NotInstalled as command:
            why = f"this test needs a real server of language models: run `{command}` once"
            if always and os.environ.get("CI") == "true":  # noqa: TID251
                pytest.fail(why, pytrace=False)
            pytest.skip(why)
        yield running
