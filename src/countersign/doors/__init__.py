"""One folder for each standard that other systems speak."""
