"""Reviews each chart's results by published rules and puts what it finds before a physician."""
