"""Dates, identifiers, units, words and names of drugs; no rule of medicine and no I/O."""
