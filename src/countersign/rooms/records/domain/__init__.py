"""Facts, sections and sentences of records; pure, and the same everywhere."""
