"""Medication safety: what is dangerous about an order, said while it is written."""
