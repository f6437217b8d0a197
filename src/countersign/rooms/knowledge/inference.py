"""How a language model is asked for an answer in words."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.models import load_prompt

_ANSWER = load_prompt(Path(__file__).parent / "prompts" / "answer.toml", "knowledge")
ANSWER = _ANSWER.prompt
CARDS = ((_ANSWER.card, _ANSWER.digest),)
