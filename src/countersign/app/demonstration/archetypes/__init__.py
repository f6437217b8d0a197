"""The kinds of patients: each tells years of history that stay consistent with themselves."""
