"""Benchmarks: `make bench-NAME`. Each prints a small table and last a line per bar: name value bar ok|short."""
