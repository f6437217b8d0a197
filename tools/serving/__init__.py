"""Real servers of language models for tests and measurements, built from pinned sources."""
