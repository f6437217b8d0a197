"""What brought a patient to the ward today: situations that need a decision, and quiet stays."""
