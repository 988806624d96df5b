"""How results of the cost model are written: three digits, always with both ends of the band."""

import math
from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_compact_decimal

from counterspam.policy.costs.band import Band
from counterspam.policy.costs.parameter import Parameter
from counterspam.web.costs import labels
from counterspam.web.format import NOTHING, locale, number, percent
from counterspam.web.language import current, gettext

LONG = 1_000_000


def value(found: float) -> str:
    """A number with three digits that count: 0.0123, 4.30, 13,700, 2.3 million."""
    if found == 0 or not math.isfinite(found):
        return "0" if found == 0 else "∞"
    if abs(found) >= LONG:
        known = locale(current())
        form = "long" if "long" in known.compact_decimal_formats else "short"  # Chinese has the short form only
        return format_compact_decimal(_three(found), format_type=form, locale=known, fraction_digits=2)  # type: ignore[arg-type]
    digits = 2 - math.floor(math.log10(abs(found)))
    return number(_three(found), min(max(digits, 0), 6)) if abs(found) < 1000 else number(_three(found))


def plain(found: float) -> str:
    """A number that was given, with the digits that it has: 0.25, 30, 38,681.4."""
    return number(found, min(max(0, -Decimal(f"{found:.6g}").as_tuple().exponent), 6))  # type: ignore[operator]


def said(found: Band | None, unit: str = "") -> str:
    """A band in words: the median and what nine in ten draws lie between."""
    if found is None:
        return NOTHING
    given = {"median": value(found.median), "low": value(found.low), "high": value(found.high)}
    text = gettext("%(median)s (%(low)s to %(high)s)") % given
    return f"{text} {labels.unit(unit)}" if unit else text


def shares(found: Band | None) -> str:
    """A band of shares in per cent."""
    if found is None:
        return NOTHING
    given = {"median": percent(found.median), "low": percent(found.low), "high": percent(found.high)}
    return gettext("%(median)s (%(low)s to %(high)s)") % given


def span(one: Parameter) -> str:
    """Low, base and high of a parameter as the form takes them; "" unknown. Signs as in every language of the form: a point."""
    if not one.known:
        return ""
    values = one.span
    return f"{values[1]:.12g}" if values[0] == values[2] else " ".join(f"{each:.12g}" for each in values)


def months(found: Band) -> str:
    """A payback in words. A bound beyond 10 years is said, not computed."""
    ends = [_months(each) for each in (found.median, found.low, found.high)]
    if len(set(ends)) == 1 and (found.low > 120 or found.high < 1):  # a range already
        return ends[0]
    median, low, high = ends
    return gettext("%(median)s (%(low)s to %(high)s)") % {"median": median, "low": low, "high": high}


def _months(found: float) -> str:
    if found > 120:
        return gettext("not within 10 years")
    if found < 1:
        return gettext("under a month")
    return gettext("%(n)s months") % {"n": number(found, 1 if found < 10 else 0)}


def scale(bands: Sequence[Band | None]) -> float:
    """The greatest end of some bands, for bars on one scale."""
    return max((each.high for each in bands if each is not None and math.isfinite(each.high)), default=0.0)


def _three(found: float) -> float:
    return float(f"{found:.3g}")
