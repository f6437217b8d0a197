"""Turns what happens in a story into FHIR resources; one file for each kind of event."""
