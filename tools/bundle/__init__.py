"""Makes the one file from which a machine without any network installs."""
