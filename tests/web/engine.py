"""An event store that answers the SQL of the statistics with made rows."""

import re
import time
from typing import Any

COUNTS = {"messages": 60, "reports": 30, "spam_messages": 40, "spam_reports": 20, "small": 0, "enough": 1, "cells": 1}


class Engine:
    """Answers the SQL of the statistics: one row for each origin, and in total."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.asked: list[tuple[str, Any]] = []
        self.names = ["DE", "=FR"]
        self.slow = 0.0

    def query(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        self.asked.append((sql, params))
        time.sleep(self.slow)
        if "AS cell" not in sql:
            return self.inner.query(sql, params)
        names = re.findall(r"AS shown_(\w+), ", sql)
        rows = [
            {"at": 1_795_305_600, "asn": 64496, "source": "trap", "channel": "sms", "origin": one} for one in self.names
        ]
        keys = dict.fromkeys(f"shown_{name}" for name in names)
        found = [{key: row.get(key.removeprefix("shown_"), "x") for key in keys} | COUNTS for row in rows]
        return found if "origin" in names else found[:1]

    def data(self) -> int:
        """How often figures were worked out."""
        return sum("AS shown_origin" in sql for sql, _ in self.asked)
