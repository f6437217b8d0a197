"""The reckoning of the reports, without any row or page."""
