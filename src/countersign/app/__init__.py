"""The roof: names the rooms and doors, builds the house, holds no rules."""
