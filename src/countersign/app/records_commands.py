"""Commands about records: train the hospital's own reader of conversations and its coder."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from countersign.kit.errors import CountersignError
from countersign.rooms.records.inference import (
    Example,
    Lesson,
    plain_reader,
    save_coder,
    save_judges,
    taught,
    trained,
)


class BadLessons(CountersignError):
    code = "records.bad_lessons"
    status = 422
    message = "Line {line} of {file} is not as docs/operate.md describes. Nothing was trained."


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def records() -> None:
    """What records are drafted and coded with."""


@records.command(name="train")
@click.option("--data", "files", type=FILE, multiple=True, required=True, help="Lines of JSON.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="…/reader.npz")
def train(files: tuple[Path, ...], out: Path) -> None:
    """Learn from conversations and what people wrote of them."""
    reader = plain_reader()
    lessons = list(_lessons(files))
    judges = trained(lessons, reader)
    save_judges(judges, out)
    click.echo(f"{len(lessons)} conversations taught {', '.join(sorted(judges))}: {out}")


@records.command(name="learn-codes")
@click.option("--data", "files", type=FILE, multiple=True, required=True, help="Lines of JSON.")
@click.option("--codes", type=FILE, required=True, help="A table of code and name.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="…/coder.npz")
def learn_codes(files: tuple[Path, ...], codes: Path, out: Path) -> None:
    """Learn from diagnoses as physicians wrote them and the names that coders gave."""
    with _open(codes) as lines:
        names = [row[1].strip() for row in csv.reader(lines) if len(row) > 1 and row[1].strip()]
    examples: list[Example] = []
    for file, number, row in _rows(files):
        try:
            examples.append((str(row["text"]), tuple(str(one) for one in row["names"])))
        except (KeyError, TypeError):
            raise BadLessons(file=file.name, line=number) from None
    save_coder(taught(names, examples), tuple(examples), out)
    click.echo(f"{len(examples)} mentions taught over {len(names)} names: {out}")


def _lessons(files: tuple[Path, ...]) -> Iterator[Lesson]:
    for file, number, row in _rows(files):
        try:
            yield Lesson(
                str(row["dialogue"]),
                {str(name): str(mark) for name, mark in row.get("symptoms", {}).items()},
                [{str(k): str(v) for k, v in one.items()} for one in row.get("records", [])],
            )
        except (KeyError, AttributeError, TypeError):
            raise BadLessons(file=file.name, line=number) from None


def _rows(files: tuple[Path, ...]) -> Iterator[tuple[Path, int, Any]]:
    for file in files:
        with _open(file) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield file, number, json.loads(line)
                except ValueError:
                    raise BadLessons(file=file.name, line=number) from None


def _open(file: Path) -> Any:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig")
    return file.open(encoding="utf-8-sig")
