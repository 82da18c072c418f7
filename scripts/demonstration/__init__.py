"""What scripts/demo is made of."""
