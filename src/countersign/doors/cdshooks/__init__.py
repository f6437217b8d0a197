"""CDS Hooks 2.0: drafts as cards in the workstation that a hospital already has."""
