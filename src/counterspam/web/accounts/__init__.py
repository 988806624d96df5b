"""Accounts: signing in by password or OpenID Connect, roles, and the audit log."""
