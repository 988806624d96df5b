"""One question = one function + one `.sql` file."""
