"""Pre-consultation: what a patient tells before the visit."""
