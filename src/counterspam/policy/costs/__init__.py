"""What spam costs, and what measures against it cost and save: an explicit model, its parameters as data (docs/costs.md)."""
