"""Who sent it and by which route: an Origin with its hops."""
