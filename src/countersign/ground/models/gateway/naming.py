"""Makes a registered version of a model that a server offers, so that a draft can name it."""

from __future__ import annotations

import re
from hashlib import sha256

from countersign.ground.models.card import (
    Dataset,
    ModelCard,
    ModelKind,
    NotMeasured,
    Source,
)
from countersign.kit.json import JSON, encode
from countersign.kit.words import Words

CARD = 1
"""Raised when the words of the card below change: a version has one card."""

PASSING = ("created", "permission", "owned_by", "object", "root", "parent", "meta_at", "loaded")
"""What a server says of a model that changes with its start or its place and not with the model."""


STABLE = ("json_schema", "json_object", "tools", "logprobs", "reasoning")
"""Abilities that belong to a model and its server; others depend on load and chance."""


def digest_of_model(model: str, said: JSON, able: JSON) -> str:
    """SHA-256 (hex) over all that a server reveals of a model: its name, what the list of models
    says of it, and what the probe found it able to do. Weights are not revealed: two models that
    a server gives out under one name with the same abilities have the same digest.
    """
    kept = {key: value for key, value in dict(said or {}).items() if key not in PASSING}
    found = {name: able[name] for name in STABLE if name in (able or {})}
    told = {"card": CARD, "model": model, "said": kept, "able": found}
    return sha256(encode(told)).hexdigest()


def card_of_model(model: str, digest: str) -> ModelCard:
    """What is known of a model of a server, and that the rest is not known."""
    return ModelCard(
        name=slug(model),
        version=digest[:12],
        kind=ModelKind.LANGUAGE,
        title=Words(f"Language model {model}", f"语言模型 {model}"),
        intended_use=Words(
            "Writes drafts for the kinds of work that an administrator assigned to it.",
            "为管理员分配给它的工作撰写草稿。",
        ),
        not_for=Words(
            "Anything that nobody signs; deciding; work that it was not assigned to.",
            "任何无人签名的内容；作出决定；未分配给它的工作。",
        ),
        data=(Dataset(Words("Not revealed by the server", "服务器未提供"), "not revealed"),),
        performance=(
            NotMeasured(
                Words("every group of patients", "所有患者群体"),
                Words(
                    "The server reveals no measurement; compare models on the page of language "
                    "models before one is relied on.",
                    "服务器不提供测评结果；使用前请在语言模型页面比较。",
                ),
            ),
        ),
        limits=(
            Words(
                "It may state what is not so, fluently.",
                "它可能流畅地陈述不实内容。",
            ),
            Words(
                "The digest covers what the server reveals, not the weights.",
                "摘要只涵盖服务器所提供的信息，不涵盖权重。",
            ),
        ),
        owner="Information technology",
        sources=(Source(f"The server's own list of models: {model}", "as probed"),),
    )


def slug(model: str) -> str:
    """A registered name from a server's name for a model, such as ``DeepSeek-R1:70b``."""
    text = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")[:60].strip("-")
    return text if text[:1].isalpha() else f"m-{text}".rstrip("-")
