"""What spam costs within a scope in a year: quantities, the eight cost components made of them, and who bears each.

Every line is a formula over parameters and earlier lines. `exposure` and `call_exposure` are 1 today; the estimator of
investments lowers them where measures let less through (`investment`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.policy.costs.formula import Formula

USERS, OPERATORS = "users", "operators"
TODAY = {"exposure": 1.0, "call_exposure": 1.0}


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the burden in USD per year, and who bears it."""

    formula: Formula
    borne_by: str

    @property
    def id(self) -> str:
        """The name of the component."""
        return self.formula.id


# In the order of computing: each line may use those above it.
QUANTITIES = (
    Formula("mail_sent", "messages per year", "mail_users * mail_delivered_day * 365 / (1 - mail_block)"),
    Formula("sms_sent", "messages per year", "phone_users * sms_delivered_day * 365 / (1 - sms_block)"),
    Formula("voice_sent", "calls per year", "phone_users * voice_delivered_day * 365 / (1 - voice_block)"),
    Formula("mail_hours", "hours per year", "mail_users * mail_delivered_day * mail_seconds * 365 / 3600"),
    Formula(
        "phone_hours",
        "hours per year",
        "phone_users * (sms_delivered_day * sms_seconds + voice_delivered_day * voice_seconds) * 365 / 3600",
    ),
    Formula("mail_mbps", "Mbit/s", "mail_sent * mail_body_share * mail_bytes * 8 / 31536000 / 1000000 * peak_factor"),
    Formula("stored_gb", "GB", "mail_sent * stored_share / 365 * retention_days * mail_bytes / 1000000000"),
    Formula("signalling_rate", "messages and calls per second", "(sms_sent + voice_sent) / 31536000 * peak_factor"),
    Formula(
        "frauds", "frauds per year", "people * fraud_reports_share * fraud_spam_share * fraud_unreported * exposure"
    ),
    Formula(
        "called_back",
        "minutes per year",
        "phone_users * short_rings_year * callback_share * callback_minutes * call_exposure",
    ),
    Formula("energy_kwh", "kWh per year", "mail_sent * mail_wh / 1000"),
    Formula("co2_t", "t per year", "energy_kwh * grid_g / 1000000"),
)
_USD = "USD per year"
COMPONENTS = (
    Component(Formula("time", _USD, "(mail_hours + phone_hours) * wage_year / hours_year * time_value_share"), USERS),
    Component(Formula("fraud", _USD, "frauds * fraud_loss_hours * wage_year / hours_year"), USERS),
    Component(Formula("callback", _USD, "called_back * callback_price"), USERS),
    Component(Formula("bandwidth", _USD, "mail_mbps * transit_price * 12"), OPERATORS),
    Component(Formula("storage", _USD, "stored_gb * storage_price * 12"), OPERATORS),
    Component(Formula("signalling", _USD, "signalling_rate * signalling_price"), OPERATORS),
    Component(
        Formula("support", _USD, "(mail_users + phone_users) * support_user * support_share * exposure"), OPERATORS
    ),
    Component(Formula("energy", _USD, "energy_kwh * power_price"), OPERATORS),
)
LINES = (*QUANTITIES, *(one.formula for one in COMPONENTS))


def computed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every line that can be worked out from `values` (numbers or draws), by id; those that lack a value are left out."""
    known = {**TODAY, **values}
    found: dict[str, Any] = {}
    for line in LINES:
        if all(name in known for name in line.names):
            found[line.id] = known[line.id] = line(known)
    return found


def needed(id: str) -> frozenset[str]:
    """The parameters that a line rests on, through all the lines above it."""
    lines = {line.id: line for line in LINES}
    names: set[str] = set()
    waiting = list(lines[id].names)
    while waiting:
        name = waiting.pop()
        if name in lines:
            waiting += lines[name].names
        elif name not in TODAY:
            names.add(name)
    return frozenset(names)
