"""One file per check: `check(evidence, facts)` answers with a Check; `verdict` adds them up and explains itself."""
