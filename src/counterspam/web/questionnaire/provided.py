"""What the cost model takes from the questionnaire: public answers of approved waves that mean the same as its parameters."""

from statistics import median
from typing import Any

from counterspam import questionnaires
from counterspam.policy.questionnaire.inputs import PROVENANCE

# Parameter of the cost model -> that of the questionnaire, and the unit that both have.
SAME = {
    "transit_price": ("bandwidth_price", "USD per Mbit/s and month"),
    "support_share": ("help_desk_share", "share"),
}


def cost_answers(records: Any, country: str) -> dict[str, dict[str, Any]]:
    """Values by parameter of the cost model: lowest, median and highest of what respondents of a country stated; {} none.

    Waves that are demonstrations feed nothing. The year is the latest that is stated.
    """
    with records.read() as conn:
        stated = questionnaires.inputs_of(conn, country, allow=lambda wave: not wave.synthetic)
    found: dict[str, dict[str, Any]] = {}
    for parameter, (name, unit) in SAME.items():
        known = [one[name] for one in stated if name in one]
        if known:
            values = sorted(one.value for one in known)
            found[parameter] = {
                "value": [values[0], median(values), values[-1]],
                "unit": unit,
                "year": max(one.year for one in known)[:4],
                "source": "; ".join(sorted(one.source for one in known)),
                "provenance": PROVENANCE,
            }
    return found
