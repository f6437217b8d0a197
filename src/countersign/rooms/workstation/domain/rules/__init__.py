"""The clinical rules, one idea in a file, each with its source and its date."""
