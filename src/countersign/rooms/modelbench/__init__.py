"""Language models of the hospital: one gateway, an honest price list, smaller models from it."""
