"""Who saw, asked, signed, overrode and released what."""
