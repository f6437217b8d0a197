"""FHIR R4: files and archives come in by the importer, other systems by REST."""
