"""Exceptions to who may see what: break-glass, consent, labels, delegation."""
