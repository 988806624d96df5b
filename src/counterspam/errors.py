"""The exceptions of counterspam, as one tree.

CounterspamError
├── ConfigError       a setting is wrong; the message names the setting
├── DecodeError       a whole raw item cannot be read; carries a typed Reason
├── StoreError        a store cannot be opened, migrated, read or written
│   └── StoreBusy     another process holds it
├── SpoolFull         intake must wait: the backlog has reached its limit
└── Overloaded        more is asked at once than can be answered in time
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a record was not accepted; shown to the operator and countable."""

    UNKNOWN_FORMAT = "unknown-format"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY = "too-many"
    BAD_SYNTAX = "bad-syntax"
    BAD_ENCODING = "bad-encoding"
    BAD_VALUE = "bad-value"
    MISSING_FIELD = "missing-field"
    UNSUPPORTED = "unsupported"
    INTERNAL = "internal"


class CounterspamError(Exception):
    """Base of every error that counterspam raises on purpose."""


class ConfigError(CounterspamError):
    """A setting is wrong."""


class DecodeError(CounterspamError):
    """A raw item cannot be decoded at all."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class StoreError(CounterspamError):
    """A store cannot be opened, migrated, read or written."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class SpoolFull(CounterspamError):
    """The backlog has reached its limit; the sender should come back after `retry_after` seconds."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(f"intake is full, try again in {retry_after} s")
        self.retry_after = retry_after


class Overloaded(CounterspamError):
    """More is asked at once than can be answered; the asker should come back after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
