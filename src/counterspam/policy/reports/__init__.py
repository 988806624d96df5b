"""Reports on spam and on what is done against it, made from a frozen snapshot: the same snapshot gives the same files."""
