"""Makes models of the room, in a process of its own."""
