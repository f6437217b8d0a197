"""What a probe found out about a server: what its models can do, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from countersign.kit.json import JSON
from countersign.kit.words import Words

PROBLEMS: Mapping[str, Words] = {
    "refused": Words(
        "The address is not on the list of intranet addresses. Add it to COUNTERSIGN_EGRESS.",
        "该地址不在内网地址清单上。请将其加入 COUNTERSIGN_EGRESS。",
    ),
    "away": Words(
        "Nothing answers at this address. Check that the server runs and that its port is right.",
        "该地址没有应答。请检查服务器是否运行、端口是否正确。",
    ),
    "late": Words(
        "It did not answer in time. Check whether it is overloaded or still loading its model.",
        "未在时限内应答。请检查它是否过载，或仍在加载模型。",
    ),
    "broken": Words(
        "It broke off in the middle of an answer. Look at the server's own log.",
        "应答中途断开。请查看该服务器自己的日志。",
    ),
    "key": Words(
        "It does not accept the key. Give the server's key again.",
        "它不接受所用的密钥。请重新填写该服务器的密钥。",
    ),
    "foreign": Words(
        "What answers there is no OpenAI-compatible server. The address usually ends with /v1.",
        "该处应答的不是 OpenAI 兼容服务器。地址通常以 /v1 结尾。",
    ),
    "no-models": Words(
        "It lists no model. Load one on the server first.",
        "它没有列出任何模型。请先在服务器上加载模型。",
    ),
    "no-answer": Words(
        "It did not answer a plain question. Look at the server's own log.",
        "它没有回答一个普通问题。请查看该服务器自己的日志。",
    ),
    "cut": Words(
        "Its stream ends without saying why, so half an answer could not be told from a whole one.",
        "其流式应答结束时未说明原因，无法区分半截与完整的回答。",
    ),
    "buffered": Words(
        "It promises to stream but sends everything at the end. Switch off buffering on the way.",
        "它声称支持流式，却在最后才一次发出。请关闭途中的缓冲。",
    ),
    "schema-ignored": Words(
        "It takes a JSON schema and does not keep to it. Answers are checked and asked for again.",
        "它接受 JSON 模式却不遵守。回答会被检查并重新请求。",
    ),
    "schema-refused": Words(
        "It refuses requests that carry a JSON schema. They are sent without it and checked.",
        "它拒绝带有 JSON 模式的请求。将不带模式发送，并检查回答。",
    ),
    "logprobs-ignored": Words(
        "It says nothing of probabilities when asked, so its answers carry no confidence.",
        "询问概率时它不作答，因此其回答没有把握程度。",
    ),
    "logprobs-false": Words(
        "The probabilities that it gives cannot be true. They are not used.",
        "它给出的概率不可能为真。不予采用。",
    ),
    "unbounded": Words(
        "It writes more than it was allowed to. Bound the length on the server.",
        "它写出的内容超过允许的长度。请在服务器上限制长度。",
    ),
    "unfinished": Words(
        "The time for the probe was over before everything was tried. Probe it when it is idle.",
        "探测时间用尽，尚有项目未试。请在其空闲时再探测。",
    ),
}
"""Every problem by its code, in words that say what to do."""

ABLE = ("streaming", "usage", "json_schema", "json_object", "tools", "logprobs", "seeded", "stops")


@dataclass(frozen=True, slots=True)
class ProbedModel:
    """What was seen of one model; None is what could not be found out.

    ``context`` in tokens. ``streaming`` is whether text really came in parts, ``usage`` whether
    the stream told its tokens, ``seeded`` whether a seed decides the answer, ``stops`` whether a
    stop sequence ends it, ``bounded`` whether ``max_tokens`` does. ``reasoning`` is the field in
    which it thinks aloud, ``tags`` for ``<think>`` within the answer, "" for neither. ``said`` is
    what the server's list says of it, shortened.
    """

    name: str
    context: int | None = None
    streaming: bool | None = None
    usage: bool | None = None
    json_schema: bool | None = None
    json_object: bool | None = None
    tools: bool | None = None
    logprobs: bool | None = None
    seeded: bool | None = None
    stops: bool | None = None
    bounded: bool | None = None
    reasoning: str = ""
    first_token_seconds: float | None = None
    tokens_per_second: float | None = None
    problems: tuple[str, ...] = ()
    said: JSON = field(default_factory=dict[str, Any])

    @property
    def able(self) -> dict[str, bool]:
        """What is known of its abilities."""
        found = {name: getattr(self, name) for name in (*ABLE, "bounded")}
        known = {name: bool(value) for name, value in found.items() if value is not None}
        return known if self.streaming is None else {**known, "reasoning": bool(self.reasoning)}


@dataclass(frozen=True, slots=True)
class Probed:
    """A server as a probe found it. ``software`` is a guess, "" where there is none.

    ``problems`` concern the whole server; codes are those of ``PROBLEMS``.
    """

    software: str = ""
    models: tuple[ProbedModel, ...] = ()
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> JSON:
        """For keeping: each model whole, and by model what was said of it and what it can do."""
        return {
            "software": self.software,
            "problems": list(self.problems),
            "seconds": self.seconds,
            "said": {one.name: one.said for one in self.models},
            "able": {one.name: one.able for one in self.models},
            "models": [{**asdict(one), "problems": list(one.problems)} for one in self.models],
        }

    @classmethod
    def from_json(cls, kept: JSON) -> Probed:
        """What ``as_json`` kept, of this version or one with fewer or more fields."""
        names = {one.name for one in fields(ProbedModel)}
        models: list[ProbedModel] = []
        for one in cast("list[JSON]", kept.get("models", [])):
            known = {name: value for name, value in one.items() if name in names}
            model = ProbedModel(**known)
            models.append(
                replace(
                    model,
                    problems=tuple(model.problems),
                    first_token_seconds=_float(model.first_token_seconds),
                    tokens_per_second=_float(model.tokens_per_second),
                )
            )
        return cls(
            str(kept.get("software", "")),
            tuple(models),
            tuple(kept.get("problems", ())),
            float(kept.get("seconds", 0.0)),
        )


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
