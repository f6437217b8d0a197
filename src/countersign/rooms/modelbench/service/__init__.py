"""What the room of language models does for a person, within what the policy allows them."""
