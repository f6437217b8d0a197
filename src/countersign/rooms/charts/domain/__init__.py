"""A patient's FHIR resources arranged as a physician reads a chart; pure."""
