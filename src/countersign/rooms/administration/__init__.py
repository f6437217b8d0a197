"""Stop AI, the registry of models, background work, people and the policy in force."""
