"""SMART on FHIR: a person lets an app read for them, and services prove who they are."""
