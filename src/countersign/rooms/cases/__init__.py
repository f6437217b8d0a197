"""What happened to patients like this one, told without saying who they were."""
