"""Writes weights that are named as in transformers into the file that llama.cpp reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from tools.serving.tokens import SPECIAL, Tokenizer

NAMES = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_a_layernorm": "attn_q_a_norm",
    "self_attn.kv_a_layernorm": "attn_kv_a_norm",
    "self_attn.q_a_proj": "attn_q_a",
    "self_attn.q_b_proj": "attn_q_b",
    "self_attn.kv_a_proj_with_mqa": "attn_kv_a_mqa",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "mlp.gate": "ffn_gate_inp",
    "mlp.shared_experts.gate_proj": "ffn_gate_shexp",
    "mlp.shared_experts.up_proj": "ffn_up_shexp",
    "mlp.shared_experts.down_proj": "ffn_down_shexp",
}
Tensor = NDArray[np.float32]


def write_gguf(
    path: Path,
    name: str,
    config: Mapping[str, Any],
    tokenizer: Tokenizer,
    tensors: Mapping[str, Tensor],
    template: str,
) -> None:
    """One file of float32: with float16 llama.cpp aborts on a latent attention this small."""
    writer = gguf.GGUFWriter(path, "deepseek2")
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _shape(writer, config)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("deepseek-v3")
    padding = [f"[PAD{number}]" for number in range(len(tokenizer.words), config["vocab_size"])]
    writer.add_token_list([*tokenizer.words, *padding])
    normal = len(tokenizer.words) - len(SPECIAL)
    kinds = [gguf.TokenType.CONTROL] * len(SPECIAL) + [gguf.TokenType.NORMAL] * normal
    writer.add_token_types([*kinds, *[gguf.TokenType.UNUSED] * len(padding)])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer.merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    for tensor_name, tensor in renamed(config, tensors):
        writer.add_tensor(tensor_name, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shape(writer: gguf.GGUFWriter, c: Mapping[str, Any]) -> None:
    writer.add_vocab_size(c["vocab_size"])
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_leading_dense_block_count(c["first_k_dense_replace"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_expert_feed_forward_length(c["moe_intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(1)  # latent attention is stored as one shared key
    writer.add_q_lora_rank(c["q_lora_rank"])
    writer.add_kv_lora_rank(c["kv_lora_rank"])
    writer.add_key_length(c["kv_lora_rank"] + c["qk_rope_head_dim"])
    writer.add_value_length(c["kv_lora_rank"])
    writer.add_key_length_mla(c["qk_nope_head_dim"] + c["qk_rope_head_dim"])
    writer.add_value_length_mla(c["v_head_dim"])
    writer.add_rope_dimension_count(c["qk_rope_head_dim"])
    writer.add_rope_freq_base(c["rope_theta"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_expert_count(c["n_routed_experts"])
    writer.add_expert_used_count(c["num_experts_per_tok"])
    writer.add_expert_shared_count(c["n_shared_experts"])
    writer.add_expert_weights_scale(c["routed_scaling_factor"])
    writer.add_expert_weights_norm(c["norm_topk_prob"])
    writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)


def renamed(
    config: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> Iterator[tuple[str, Tensor]]:
    """Each tensor by llama.cpp's name: experts together, the latent matrix in two."""
    yield "token_embd.weight", tensors["model.embed_tokens.weight"]
    yield "output_norm.weight", tensors["model.norm.weight"]
    yield "output.weight", tensors["lm_head.weight"]
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        own = {name.removeprefix(at): one for name, one in tensors.items() if name.startswith(at)}
        for theirs, ours in NAMES.items():
            if f"{theirs}.weight" in own:
                yield f"blk.{layer}.{ours}.weight", own[f"{theirs}.weight"]
        yield from _latent(config, f"blk.{layer}", own["self_attn.kv_b_proj.weight"])
        if "mlp.gate.weight" in own:
            yield f"blk.{layer}.exp_probs_b.bias", own["mlp.gate.e_score_correction_bias"]
            for part in ("gate", "up", "down"):
                each = [
                    own[f"mlp.experts.{number}.{part}_proj.weight"]
                    for number in range(config["n_routed_experts"])
                ]
                yield f"blk.{layer}.ffn_{part}_exps.weight", np.stack(each)


def _latent(c: Mapping[str, Any], at: str, both: Tensor) -> Iterator[tuple[str, Tensor]]:
    split = both.reshape(
        c["num_attention_heads"], c["qk_nope_head_dim"] + c["v_head_dim"], c["kv_lora_rank"]
    )
    yield f"{at}.attn_k_b.weight", split[:, : c["qk_nope_head_dim"]].transpose(0, 2, 1)
    yield f"{at}.attn_v_b.weight", split[:, c["qk_nope_head_dim"] :]
