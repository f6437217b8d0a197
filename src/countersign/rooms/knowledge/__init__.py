"""Knowledge: the hospital's own documents, kept by curators and asked by physicians."""
