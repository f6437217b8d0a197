"""Dates, identifiers, units and words; knows no medicine and does no I/O."""
