"""`counterspam config`: every setting with its value, where that comes from, and what it means."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from counterspam.config import Config
from counterspam.console.output import Form, show


def rows(config: Config, given: Mapping[str, Any]) -> list[dict[str, str]]:
    """One row for each setting. `given` are those of the command line. Secrets are not shown."""
    file = Path(os.environ.get("COUNTERSPAM_CONFIG", "counterspam.toml"))
    in_file = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    environment = {name.upper() for name in os.environ}
    found = []
    for name, setting in Config.model_fields.items():
        variable = f"COUNTERSPAM_{name.upper()}"
        if given.get(name) is not None:
            source = "command line"
        elif f"{variable}_FILE" in environment:
            source = f"{variable}_FILE"
        elif variable in environment:
            source = variable
        else:
            source = str(file) if name in in_file else "default"
        value = getattr(config, name)
        found.append(
            {"setting": name, "value": _shown(name, value), "source": source, "meaning": setting.description or ""}
        )
    return found


def is_secret(name: str) -> bool:
    """Whether a setting must not be printed."""
    extra = Config.model_fields[name].json_schema_extra
    return isinstance(extra, Mapping) and bool(extra.get("secret"))


def _shown(name: str, value: Any) -> str:
    if is_secret(name):
        return "(set, hidden)" if value else "(not set)"
    if name in ("events", "records") and "@" in str(value):
        scheme, _, rest = str(value).partition("://")
        return f"{scheme}://(account hidden)@{rest.rpartition('@')[2]}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def show_settings(config: Config, given: Mapping[str, Any], form: Form) -> None:
    """Print all settings."""
    show(rows(config, given), form, "Settings")
