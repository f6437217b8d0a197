"""Assistants of departments: evidence for a patient, and a recommendation drafted from it."""
