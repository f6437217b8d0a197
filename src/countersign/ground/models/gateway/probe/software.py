"""Guesses which software a server is, and how much text its models read, from what it tells."""

from __future__ import annotations

import re
from typing import Any, cast

from .asking import Asking
from .port import Post, Reply
from .reading import count_of, dig, text_of

OWNERS = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "llamacpp": "llama.cpp",
    "library": "Ollama",
    "mindie": "MindIE",
    "mindie server": "MindIE",
}
"""What a model's ``owned_by`` says; Ollama names its own library."""

REFUSES = ("vLLM", "SGLang", "MindIE")
"""Software that refuses an answer longer than its models read, and says how much that is."""

LIMITS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
TOLD = re.compile(
    r"(?:maximum context length (?:is|of)|context size \(|context length of)\s*(\d{2,8})"
)


def software(post: Post, listed: Reply, first: Any, seconds: float) -> str:
    """The name of the software, "" where nothing tells it; asks at most three things more."""
    header = listed.headers.get("server", "").lower()
    if "llama.cpp" in header or "llamacpp" in header:
        return "llama.cpp"
    if owner := OWNERS.get(text_of(first, "owned_by").lower()):
        return owner
    if text_of(post("GET", "//api/version", None, seconds).value, "version"):
        return "Ollama"
    paths = dig(post("GET", "//openapi.json", None, seconds).value, "paths")
    if isinstance(paths, dict):
        if "/v1/systemone" in paths or "/load_model" in paths:
            return "transformers"
        if "/get_model_info" in paths:
            return "SGLang"
    return "transformers" if text_of(first, "owned_by") == "local" else ""


def context(
    post: Post, ask: Asking, name: str, said: Any, kind: str, seconds: float, *, stops: bool
) -> int | None:
    """Tokens of prompt and answer together: as listed, as the server's page says, or as told in
    the refusal of an answer that is too long; None where nobody says.

    ``stops`` is whether a stop sequence was seen to end an answer: only then, or where the
    software is known to refuse, is one asked for that would be endless.
    """
    for limit in LIMITS:
        if found := count_of(said, limit) or count_of(said, "meta", limit):
            return found
    if kind == "llama.cpp":
        page = post("GET", "//props", None, seconds).value
        return count_of(page, "default_generation_settings", "n_ctx")
    if kind == "Ollama":
        return _loaded(post("GET", "//api/ps", None, seconds).value, name)
    if not stops and kind not in REFUSES:
        return None
    # Its first words are forbidden, so that a server that does not refuse ends at once.
    reply = ask.chat(tokens=10_000_000, stop=[" ", "e", "a", "\n"])
    match = TOLD.search(reply.content.decode("utf-8", errors="replace")[:4000])
    return int(match[1]) if match and reply.status != 200 else None


def _loaded(page: Any, name: str) -> int | None:
    """Ollama tells the length with which a model runs; what the model could read is often more,
    and what exceeds the length that it runs with is cut off without a word.
    """
    models = dig(page, "models")
    every = cast("list[Any]", models) if isinstance(models, list) else []
    running = (one for one in every if name in (text_of(one, "name"), text_of(one, "model")))
    return next((count_of(one, "context_length") for one in running), None)
