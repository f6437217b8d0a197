"""Reads a room's prompts: versioned files that are registered as models are, and tested."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from string import Template

import msgspec

from countersign.ground.models.asking import Prompt, Work
from countersign.ground.models.card import (
    Dataset,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
)
from countersign.kit.json import JSON, encode
from countersign.kit.words import Words

from .errors import UnfitPrompt
from .fence import RULE, harmless
from .form import check_schema


class _Both(msgspec.Struct, forbid_unknown_fields=True):
    en: str
    zh: str

    def words(self) -> Words:
        return Words(self.en, self.zh)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in ``prompts/<name>.toml``. ``schema`` is JSON as text: it reads like one."""

    version: str
    work: str
    title: _Both
    intended_use: _Both
    not_for: _Both
    limits: list[_Both]
    owner: str
    date: str
    system: str
    user: str
    tokens: int
    schema: str = ""
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt and its card; a room names ``card`` and ``digest`` in its manifest's cards."""

    prompt: Prompt
    card: ModelCard

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all that a model is told by this prompt and held to."""
        return self.prompt.ref.digest


def load_prompts(folder: Path, room: str) -> Mapping[str, PromptFile]:
    """Every prompt of a room by the name of its file. Raises UnfitPrompt."""
    return {file.stem: load_prompt(file, room) for file in sorted(folder.glob("*.toml"))}


def load_prompt(file: Path, room: str) -> PromptFile:
    """One file; it is registered as ``<room>-<name of the file>``. Raises UnfitPrompt."""
    name = f"{room}-{file.stem}".replace("_", "-")
    try:
        found = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _File)
        schema: JSON | None = msgspec.json.decode(found.schema) if found.schema else None
        work = Work(found.work)
        _check(found, schema)
        card = _card(name, found)
    except (OSError, ValueError, msgspec.DecodeError) as problem:
        raise UnfitPrompt(name=name, what=str(problem)[:200]) from problem
    digest = _digest(found, schema)
    prompt = Prompt(
        ref=ModelRef(name, found.version, digest),
        work=work,
        system=found.system,
        user=found.user,
        schema=schema,
        tokens=found.tokens,
        room=room,
        temperature=found.temperature,
    )
    return PromptFile(prompt, card)


def _check(found: _File, schema: JSON | None) -> None:
    """Raises ValueError for a template that could not work or would not be safe."""
    if not Template(found.user).is_valid() or not Template(found.user).get_identifiers():
        raise ValueError("the part for the user has no places $name, or an odd $")
    if "$" in found.system:
        raise ValueError("the system part has a $: nothing of a call may stand in it")
    for part in (found.system, found.user):
        if harmless(part) != part.replace("\r\n", "\n") or "data>>>" in part:
            raise ValueError("it holds signs of a chat template or of the fence")
    if not 1 <= found.tokens <= 65536 or not 0 <= found.temperature <= 2:
        raise ValueError("its tokens or its temperature are out of bounds")
    if schema is not None:
        check_schema(schema)


def _digest(found: _File, schema: JSON | None) -> str:
    told = {
        "system": found.system,
        "user": found.user,
        "schema": schema,
        "tokens": found.tokens,
        "temperature": found.temperature,
        "work": found.work,
        "rule": RULE,
    }
    return sha256(encode(told)).hexdigest()


def _card(name: str, found: _File) -> ModelCard:
    return ModelCard(
        name=name,
        version=found.version,
        kind=ModelKind.PROMPT,
        title=found.title.words(),
        intended_use=found.intended_use.words(),
        not_for=found.not_for.words(),
        data=(Dataset(Words("None: written by hand", "无：人工编写"), "Apache-2.0"),),
        performance=(
            NotMeasured(
                Words("every group of patients", "所有患者群体"),
                Words(
                    "How well it does depends on the model that it is sent to; the page of "
                    "language models measures both together.",
                    "其表现取决于所发送的模型；语言模型页面对二者一并测评。",
                ),
            ),
        ),
        limits=tuple(one.words() for one in found.limits),
        owner=found.owner,
        sources=(Source(f"Countersign, prompt {name} {found.version}", found.date),),
    )
