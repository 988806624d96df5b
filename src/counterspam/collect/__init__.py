"""Bytes from the outside, untouched: files, mailboxes, SMTP, the demonstration feed."""
