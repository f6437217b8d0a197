"""Diagnoses worth considering for one patient, and what would decide between them."""
