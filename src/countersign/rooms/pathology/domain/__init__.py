"""Rules and algorithms of pathology: stains, nuclei, regions and the figures made of them."""
