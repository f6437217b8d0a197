"""Every speed and every accuracy figure of the house, each a command that anyone can repeat."""
