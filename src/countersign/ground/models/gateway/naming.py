"""Makes a registered version of a model that a server offers, so that a draft can name it."""

from __future__ import annotations

import re
from dataclasses import replace
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

SPEECH_CARD = 1
"""The same for the card of a model that writes down speech and does nothing else."""

STABLE = ("json_schema", "json_object", "tools", "logprobs", "reasoning")
"""Abilities that belong to a model and its server; others depend on load and chance."""


UNWEIGHED = Words(
    "The digest covers what the server reveals, not the weights.",
    "摘要只涵盖服务器所提供的信息，不涵盖权重。",
)


def digest_of_model(model: str, said: JSON, able: JSON, *, speech: bool = False) -> str:
    """SHA-256 (hex) over all that a server reveals of a model: its name, what the list of models
    says of it, and what the probe found it able to do. Weights are not revealed: two models that
    a server gives out under one name with the same abilities have the same digest.
    """
    kept = {key: value for key, value in dict(said or {}).items() if key not in PASSING}
    found = {name: able[name] for name in STABLE if name in (able or {})}
    told: JSON = {"card": CARD, "model": model, "said": kept, "able": found}
    if speech:
        told = {**told, "speech": SPEECH_CARD}
    return sha256(encode(told)).hexdigest()


def card_of_model(model: str, digest: str) -> ModelCard:
    """What is known of a language model of a server, and that the rest is not known."""
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
            UNWEIGHED,
        ),
        owner="Information technology",
        sources=(Source(f"The server's own list of models: {model}", "as probed"),),
    )


def card_of_speech_model(model: str, digest: str) -> ModelCard:
    """The same of a model that is assigned to writing down speech and to nothing else."""
    return replace(
        card_of_model(model, digest),
        kind=ModelKind.SPEECH,
        title=Words(f"Speech model {model}", f"语音模型 {model}"),
        intended_use=Words(
            "Writes down what is said, for the person who said it to read and change.",
            "将所说的话转成文字，由说话者阅读并修改。",
        ),
        not_for=Words(
            "Text that nobody reads; telling speakers apart; work that it was not assigned to.",
            "无人阅读的文字；区分说话者；未分配给它的工作。",
        ),
        performance=(
            NotMeasured(
                Words("every group of patients, dialects, noise", "所有患者群体、方言及噪声环境"),
                Words(
                    "The server reveals no measurement; try it with the voices of the house.",
                    "服务器不提供测评结果；请用本院人员的语音试用。",
                ),
            ),
        ),
        limits=(
            Words(
                "It may mishear, or write fluent words that nobody said, in silence above all.",
                "可能误听，也可能写出流畅但无人说过的话，静音时尤甚。",
            ),
            UNWEIGHED,
        ),
    )


def slug(model: str) -> str:
    """A registered name from a server's name for a model, such as ``DeepSeek-R1:70b``."""
    text = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")[:60].strip("-")
    return text if text[:1].isalpha() else f"m-{text}".rstrip("-")
