"""One file per wire format: `looks_like(raw)` and `decode(raw)`, which yields Evidence or Rejected."""
