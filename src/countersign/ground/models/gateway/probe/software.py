"""Guesses which software a server is, and how much text its models read, from what it tells."""

from __future__ import annotations

import re
from typing import Any

from countersign.kit.json import JSON

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
    # transformers' server has no schema of its own to be told by in its older versions.
    if text_of(first, "owned_by") == "local" or "x-request-id" in listed.headers:
        return "transformers" if header == "uvicorn" else ""
    return ""


def context(post: Post, ask: Asking, name: str, said: Any, kind: str, seconds: float) -> int | None:
    """Tokens of prompt and answer together: as listed, as the server's page says, or as told in
    the refusal of an answer that is too long; None where nobody says.
    """
    for limit in LIMITS:
        if found := count_of(said, limit) or count_of(said, "meta", limit):
            return found
    if kind == "llama.cpp":
        page = post("GET", "//props", None, seconds).value
        return count_of(page, "default_generation_settings", "n_ctx")
    if kind == "Ollama":
        page = post("POST", "//api/show", {"model": name}, seconds).value
        told: JSON = dig(page, "model_info") or {}
        sizes = [count_of(told, key) for key in told if str(key).endswith(".context_length")]
        return next((size for size in sizes if size), None)
    # Its first words are forbidden, so that a server that does not refuse ends at once.
    reply = ask.chat(tokens=10_000_000, stop=[" ", "e", "a", "\n"])
    match = TOLD.search(reply.content.decode("utf-8", errors="replace")[:4000])
    return int(match[1]) if match and reply.status != 200 else None
