"""Acting on verdicts: what a mail server is told about a message that it holds."""
