"""Countersign: whatever a model says is a draft until a physician signs it."""

__version__ = "0.1.0"
