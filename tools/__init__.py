"""What people who change the house use beside it."""
