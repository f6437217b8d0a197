"""How this room reaches servers of language models: to put load on them and measure."""

from .load import LoadGenerator

__all__ = ["LoadGenerator"]
