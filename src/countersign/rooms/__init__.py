"""One folder for each capability a clinician would name."""
