"""Which model made a result: a hash of everything that it is made by."""

import hashlib
from functools import cache

from counterspam.policy.costs import burden, draws, investment, table
from counterspam.policy.costs.band import EDGES
from counterspam.policy.costs.parameter import described


@cache
def model() -> str:
    """12 hexadecimal digits over parameters, measures, formulas, and how draws and bands are made."""
    lines = [
        (line.id, line.text) for line in (*burden.LINES, investment.CAPEX, investment.FACILITIES, *investment.YEARLY)
    ]
    data = [sorted(described(one).items()) for one in table.every().values()]
    said = repr((lines, data, draws.COUNT, EDGES, investment.HORIZON))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
