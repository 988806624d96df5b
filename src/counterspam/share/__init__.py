"""What goes out to others: one file per format, each with `encode(...) -> bytes`."""
