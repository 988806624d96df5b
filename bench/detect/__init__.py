"""How good the detection is, beside the filters that people run today: `make bench-detect`."""
