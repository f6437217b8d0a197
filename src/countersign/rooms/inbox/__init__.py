"""Where a physician finds what awaits a decision, and decides."""
