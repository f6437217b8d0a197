"""Makes a tiny language model of DeepSeek-V3's architecture, with weights of chance.

It knows nothing and writes nonsense, through the same code of a server as the real ones:
multi-head latent attention, routed and shared experts, sigmoid gating (DeepSeek-AI,
"DeepSeek-V3 Technical Report", arXiv:2412.19437). The same sources give the same bytes.
``python -m tools.serving.tiny_model`` prints its folder.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.serving.gguf_file import write_gguf
from tools.serving.places import kept
from tools.serving.tokens import BEGIN, END, SPECIAL, WORDS, Tokenizer, learn

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("README.md", "GLOSSARY.md", "docs/architecture.md", "docs/operate.md")
SOURCES = ("tiny_model.py", "tokens.py", "gguf_file.py")
NAME = "countersign-tiny"
GGUF = "tiny.gguf"
SEED = 20261126
Weights = dict[str, NDArray[np.float32]]

Config = dict[str, Any]
CONFIG: Config = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "vocab_size": 1024,
    "hidden_size": 64,
    "intermediate_size": 128,
    "moe_intermediate_size": 32,
    "num_hidden_layers": 3,
    "first_k_dense_replace": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "q_lora_rank": 32,
    "kv_lora_rank": 32,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "n_group": 1,
    "topk_group": 1,
    "routed_scaling_factor": 1.0,
    "norm_topk_prob": True,
    "scoring_func": "sigmoid",
    "topk_method": "noaux_tc",
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
    "rms_norm_eps": 1e-6,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "bos_token_id": 0,
    "eos_token_id": 1,
}

SIZES: dict[str, Config] = {
    "tiny": {},
    "small": {
        "hidden_size": 256,
        "intermediate_size": 1024,
        "moe_intermediate_size": 256,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "num_key_value_heads": 8,
        "q_lora_rank": 128,
        "kv_lora_rank": 64,
        "qk_nope_head_dim": 32,
        "qk_rope_head_dim": 16,
        "v_head_dim": 32,
    },
}
"""``tiny`` answers in a fraction of a millisecond a token; ``small`` takes milliseconds, so that a
measurement has something to measure (1 MB and 30 MB)."""

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    "{{ '<｜Assistant｜>' + (message['content'] or '') + eos_token }}"
    "{% elif message['role'] == 'system' %}{{ message['content'] }}"
    "{% else %}{{ '<｜User｜>' + message['content'] }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜>' }}{% endif %}"
)


def weights(c: Config, tokenizer: Tokenizer) -> Weights:
    """Every tensor by the name that transformers gives it, float32, of chance.

    One coordinate of each embedding is held constant; through it the last layer makes tokens
    that are no text by themselves unlikely, so that what is written can be read and streamed.
    """
    chance = np.random.default_rng(SEED)
    hidden, heads, experts = c["hidden_size"], c["num_attention_heads"], c["n_routed_experts"]
    nope, rope, value = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]

    def any_of(*shape: int) -> NDArray[np.float32]:
        return chance.normal(0, 0.8 / shape[-1] ** 0.5, shape).astype(np.float32)

    def mlp(name: str, width: int) -> Weights:
        shapes = {"gate": (width, hidden), "up": (width, hidden), "down": (hidden, width)}
        return {f"{name}.{part}_proj.weight": any_of(*shape) for part, shape in shapes.items()}

    out: Weights = {"model.embed_tokens.weight": any_of(c["vocab_size"], hidden) * 4}
    for layer in range(c["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        for norm, width in (
            ("input_layernorm", hidden),
            ("post_attention_layernorm", hidden),
            ("self_attn.q_a_layernorm", c["q_lora_rank"]),
            ("self_attn.kv_a_layernorm", c["kv_lora_rank"]),
        ):
            out[f"{at}.{norm}.weight"] = np.ones(width, np.float32)
        for matrix, shape in (
            ("q_a_proj", (c["q_lora_rank"], hidden)),
            ("q_b_proj", (heads * (nope + rope), c["q_lora_rank"])),
            ("kv_a_proj_with_mqa", (c["kv_lora_rank"] + rope, hidden)),
            ("kv_b_proj", (heads * (nope + value), c["kv_lora_rank"])),
            ("o_proj", (hidden, heads * value)),
        ):
            out[f"{at}.self_attn.{matrix}.weight"] = any_of(*shape)
        if layer < c["first_k_dense_replace"]:
            out |= mlp(f"{at}.mlp", c["intermediate_size"])
            continue
        out[f"{at}.mlp.gate.weight"] = any_of(experts, hidden)
        out[f"{at}.mlp.gate.e_score_correction_bias"] = np.zeros(experts, np.float32)
        for number in range(experts):
            out |= mlp(f"{at}.mlp.experts.{number}", c["moe_intermediate_size"])
        out |= mlp(f"{at}.mlp.shared_experts", c["moe_intermediate_size"])
    out["model.norm.weight"] = np.ones(hidden, np.float32)
    out["lm_head.weight"] = any_of(c["vocab_size"], hidden) * 2
    return _readable(out, tokenizer)


def _readable(out: Weights, tokenizer: Tokenizer) -> Weights:
    for name, tensor in out.items():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            tensor[0] = 0  # nothing is ever added to the constant coordinate
    out["model.embed_tokens.weight"][:, 0] = 4.0
    head = out["lm_head.weight"]
    for number in range(len(head)):
        head[number, 0] = 0.0 if number < len(tokenizer.words) and tokenizer.whole(number) else -8.0
    return out


def tokenizer_files(tokenizer: Tokenizer) -> dict[str, Any]:
    """What transformers reads a tokenizer from."""
    special = [
        {
            "id": number,
            "content": sign,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for number, sign in enumerate(SPECIAL)
    ]
    split = {"type": "Split", "pattern": {"Regex": WORDS}, "behavior": "Isolated", "invert": False}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    level["use_regex"] = False
    return {
        "tokenizer.json": {
            "version": "1.0",
            "added_tokens": special,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, level]},
            "decoder": level,
            "model": {
                "type": "BPE",
                "vocab": {word: number for number, word in enumerate(tokenizer.words)},
                "merges": [list(pair) for pair in tokenizer.merges],
            },
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": BEGIN,
            "eos_token": END,
            "pad_token": END,
            "model_max_length": CONFIG["max_position_embeddings"],
            "clean_up_tokenization_spaces": False,
            "chat_template": TEMPLATE,
        },
        "generation_config.json": {"bos_token_id": 0, "eos_token_id": 1, "do_sample": True},
    }


def digest() -> str:
    """What decides the bytes of the model: these sources and the texts it learns words from."""
    sources = [Path(__file__).parent / name for name in SOURCES]
    found = hashlib.sha256()
    for file in (*sources, *(ROOT / name for name in TEXTS)):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def make(folder: Path, size: str = "tiny") -> None:
    """Writes the model into ``folder``: for llama.cpp, and for transformers."""
    from safetensors.numpy import save_file

    texts = [(ROOT / name).read_text(encoding="utf-8") for name in TEXTS]
    config = CONFIG | SIZES[size]
    tokenizer = learn(texts, config["vocab_size"])
    tensors = weights(config, tokenizer)
    write_gguf(folder / GGUF, NAME, config, tokenizer, tensors, TEMPLATE)
    files = {"config.json": config, **tokenizer_files(tokenizer)}
    for name, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / name).write_text(text, encoding="utf-8")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def tiny_model(size: str = "tiny") -> Path:
    """The folder of the model, made now where it is not there yet (seconds)."""
    folder = kept(f"{size}-model", digest())
    if not (folder / GGUF).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            inner = Path(made) / "model"
            inner.mkdir()
            make(inner, size)
            if not folder.exists():
                inner.rename(folder)
    return folder


if __name__ == "__main__":
    print(tiny_model())
