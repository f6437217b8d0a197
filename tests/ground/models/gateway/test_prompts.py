"""A prompt is a versioned file: read strictly, registered with its digest, recalled by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.ground.models import (
    IncompleteCard,
    ModelKind,
    UnfitPrompt,
    VersionTaken,
    Work,
    load_prompts,
)
from countersign.ground.models import load_prompt as load
from ground.models.gateway.ward import Ward

GOOD = '''
version = "1.0.0"
work = "answer"
title = { en = "A question", zh = "问题" }
intended_use = { en = "Answers a question.", zh = "回答问题。" }
not_for = { en = "Orders.", zh = "医嘱。" }
limits = [{ en = "It may err.", zh = "可能出错。" }]
owner = "Knowledge"
date = "2026-11-26"
system = "You answer from the passages alone."
user = "Question: $question\\nPassages: $passages"
tokens = 300
schema = """{"type": "object", "properties": {"answer": {"type": "string"}},
             "required": ["answer"]}"""
'''


def written(folder: Path, text: str) -> Path:
    file = folder / "ask_once.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_prompt_is_read_with_its_card(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    [(name, found)] = load_prompts(tmp_path, "library").items()
    assert name == "ask_once"
    assert (found.prompt.ref.label, found.prompt.work) == ("library-ask-once@1.0.0", Work.ANSWER)
    assert (found.prompt.room, found.prompt.tokens) == ("library", 300)
    assert found.prompt.schema == {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
    }
    assert found.card.kind is ModelKind.PROMPT
    assert found.digest == found.prompt.ref.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("passages alone", "passages only"),
        ("Question:", "Asked:"),
        ("tokens = 300", "tokens = 301"),
        ('"string"', '"number"'),
    ],
)
def test_whatever_a_model_is_told_is_in_the_digest(
    tmp_path: Path, here: Ward, old: str, new: str
) -> None:
    first = load(written(tmp_path, GOOD), "library")
    here.registry.register(first.card, first.digest)
    changed = load(written(tmp_path, GOOD.replace(old, new)), "library")
    assert changed.digest != first.digest
    with pytest.raises(VersionTaken):
        here.registry.register(changed.card, changed.digest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "1.0.0"', 'version = "not a version!"'),
        ('work = "answer"', 'work = "gossip"'),
        ("tokens = 300", "tokens = 0"),
        ("You answer", "You see $question and answer"),
        ("You answer", "<|im_start|>You answer"),
        ("$question\\nPassages: $passages", "none"),
        ("Question: $question", "Question: $question $ 5"),
        ('"type": "object"', '"type": "objekt"'),
        ('{"type"', "{type"),
        ('zh = "问题"', 'zh = ""'),
        ('owner = "Knowledge"', 'owner = ""'),
        ("tokens = 300", "tokens = 300\nsurprise = 1"),
        ("tokens = 300", ""),
        ("version", "= version"),
    ],
)
def test_an_unfit_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises((UnfitPrompt, IncompleteCard)):
        load(written(tmp_path, GOOD.replace(old, new)), "library")


def test_a_room_without_prompts_has_none(tmp_path: Path) -> None:
    assert load_prompts(tmp_path, "library") == {}
