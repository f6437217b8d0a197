"""Invented question sets in the layout of the public ones, and plans that use them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

QUESTIONS = 200


def mirage(folder: Path, count: int = QUESTIONS) -> dict[str, str]:
    """Writes a file like MIRAGE's with our own questions; returns the answers by question."""
    answers: dict[str, str] = {}
    part: dict[str, Any] = {}
    for number in range(count):
        question = f"Invented question no. {number:04d}?"
        answers[question] = "ABCD"[number % 4]
        part[f"q{number:04d}"] = {
            "question": question,
            "options": {letter: f"option {letter}" for letter in "ABCD"},
            "answer": answers[question],
        }
    write(folder / "knowledge/mirage.json.gz", json.dumps({"medqa": part}))
    return answers


def write(file: Path, text: str) -> None:
    """A packed file, with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()))


def configuration(key: str, address: str, model: str, hardware: str, **more: Any) -> dict[str, Any]:
    """One line of a plan."""
    return {
        "key": key,
        "label": key.title(),
        "address": address,
        "model": model,
        "hardware": hardware,
        **more,
    }


def plan(address: str, **more: Any) -> dict[str, Any]:
    """Four models of known quality, price and pace; the middle one is to be recommended.

    ``small`` is cheap and weak, ``middle`` three points behind ``large``, which is dear; ``slow``
    is as good as the dear one but says a token in two seconds.
    """
    return {
        "title": "Which model is good enough?",
        "seed": 7,
        "daily": 1000,
        "concurrency": 8,
        "service_level": {"first_token": 60.0, "per_token": 0.9},
        "load": {"rates": [20], "seconds": 0.5, "output_tokens": 3, "prompt_tokens": 20},
        "configuration": [
            configuration("small", address, "knows-70-400", "rtx-4090"),
            configuration("middle", address, "knows-90-400", "l20"),
            configuration("large", address, "knows-93-400", "h100-sxm", cards=8),
            configuration("slow", address, "knows-93-0.5", "rtx-4090"),
        ],
        "set": [{"name": "mirage-medqa", "items": 0}],
        "work": [{"name": "differential", "sets": {"mirage-medqa": 1}, "margin": 0.05}],
        **more,
    }
