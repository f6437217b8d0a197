"""Finds out what a server of language models can do from what it answers, not what it claims."""

from .port import Post, Reply, over
from .result import PROBLEMS, Probed, ProbedModel
from .run import probe

__all__ = ["PROBLEMS", "Post", "Probed", "ProbedModel", "Reply", "over", "probe"]
