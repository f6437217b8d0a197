"""The gateway to the hospital's own servers of language models."""

from .probe import PROBLEMS, Post, Probed, ProbedModel, Reply, over, probe

__all__ = ["PROBLEMS", "Post", "Probed", "ProbedModel", "Reply", "over", "probe"]
