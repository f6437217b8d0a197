"""Whole slides to measured drafts: Ki-67, tumour infiltration, nuclei one by one."""
