"""Tells by its content which tool wrote a file, and reads it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import msgspec

from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.study.capacity import Step

from .imported import (
    LARGEST,
    MOST_SCORES,
    MOST_STEPS,
    Fields,
    Imported,
    ImportedScore,
    ImportTooLarge,
    UnknownFormat,
    UnreadableImport,
    number,
)
from .serving import guidellm, serving

LM_EVAL = "lm-evaluation-harness"
LLAMA_BENCH = "llama-bench"


def imported(raw: bytes) -> Imported:
    """What the file says. Raises ImportTooLarge, UnknownFormat, UnreadableImport."""
    if len(raw) > LARGEST:
        raise ImportTooLarge(megabytes=LARGEST // 2**20)
    rows = _json(raw)
    if rows is None:
        rows = _csv(raw)
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise UnknownFormat
    found = cast("list[Mapping[str, Any]]", rows)
    first = found[0]
    if isinstance(first.get("benchmarks"), list):
        return guidellm(first)
    if isinstance(first.get("results"), Mapping):
        return _lm_eval(first)
    if "avg_ts" in first:
        return _llama_bench(found)
    if "request_throughput" in first:
        return serving(found[:MOST_STEPS])
    raise UnknownFormat


def written(one: Imported) -> JSON:
    """What is kept of it; ``restored`` reads it back."""
    return asdict(one)


def restored(kept: Mapping[str, Any]) -> Imported:
    """The inverse of ``written``; ``about`` beside it is the caller's own."""
    given = {name: value for name, value in kept.items() if name != "about"}
    given["steps"] = tuple(Step(**one) for one in given["steps"])
    given["scores"] = tuple(ImportedScore(**one) for one in given["scores"])
    return Imported(**given)


def _json(raw: bytes) -> list[object] | None:
    """The tables of JSON, of a list of it, or of JSON Lines; None where it is no JSON."""
    try:
        said = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lines(raw)
    return cast("list[object]", said) if isinstance(said, list) else [said]


def _lines(raw: bytes) -> list[object] | None:
    try:
        return [msgspec.json.decode(line) for line in raw.splitlines() if line.strip()]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _csv(raw: bytes) -> list[object]:
    try:
        lines = raw.decode("utf-8-sig").splitlines()
        return list(csv.DictReader(lines))
    except (UnicodeDecodeError, csv.Error):
        raise UnknownFormat from None


def _lm_eval(given: Mapping[str, Any]) -> Imported:
    """``results``: task → ``metric,filter`` → value, with ``metric_stderr,filter`` beside it."""
    counts = given.get("n-samples")
    scores: list[ImportedScore] = []
    for task, values in cast("Mapping[str, Any]", given["results"]).items():
        if not isinstance(values, Mapping):
            continue
        known = cast("Mapping[str, Any]", values)
        for name, value in known.items():
            metric, _, kind = name.partition(",")
            found = number(value)
            if found is None or not kind or metric.endswith("_stderr") or found > 1:
                continue
            scores.append(
                ImportedScore(
                    task=_clean(task),
                    metric=_clean(name),
                    value=found,
                    stderr=number(known.get(f"{metric}_stderr,{kind}")),
                    n=_samples(counts, task),
                )
            )
    if not scores:
        raise UnreadableImport(tool=LM_EVAL, field="results")
    fields = Fields(LM_EVAL, given)
    model = fields.text("model_name", "model_name_sanitized")
    return Imported(
        LM_EVAL,
        fields.text("lm_eval_version", "git_hash"),
        model,
        scores=tuple(scores[:MOST_SCORES]),
    )


def _samples(counts: object, task: str) -> int | None:
    if not isinstance(counts, Mapping):
        return None
    found = cast("Mapping[str, Any]", counts).get(task)
    if not isinstance(found, Mapping):
        return None
    value = number(cast("Mapping[str, Any]", found).get("effective"))
    return None if value is None else int(value)


def _llama_bench(rows: Sequence[Mapping[str, Any]]) -> Imported:
    """Tokens a second of reading (``n_gen`` 0) and of writing (``n_prompt`` 0), one user."""
    prompt: tuple[float, float] | None = None
    token: float | None = None
    for row in rows:
        fields = Fields(LLAMA_BENCH, row)
        speed = fields.number("avg_ts")
        if speed <= 0:
            raise UnreadableImport(tool=LLAMA_BENCH, field="avg_ts")
        read, said = fields.maybe("n_prompt") or 0.0, fields.maybe("n_gen") or 0.0
        if read and not said:
            prompt = (read, read / speed)
        elif said and not read:
            token = 1 / speed
    if prompt is None and token is None:
        raise UnreadableImport(tool=LLAMA_BENCH, field="n_prompt")
    fields = Fields(LLAMA_BENCH, rows[0])
    return Imported(
        tool=LLAMA_BENCH,
        version=fields.text("build_commit"),
        model=fields.text("model_type", "model_filename"),
        prompt_tokens=prompt[0] if prompt else None,
        alone_first_token=prompt[1] if prompt else None,
        alone_token=token,
    )


def _clean(text: object) -> str:
    return "".join(one for one in str(text) if one.isprintable())[:100]
