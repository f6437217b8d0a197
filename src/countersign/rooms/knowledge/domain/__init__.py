"""How a text is laid out for reading, what of a chart asks, and where documents differ."""
