"""Numbers of a comparison as a reader sees them, and the ticks of its chart; page, terminal and window share them."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

from emgmon.metrics.comparison import Comparison
from emgmon.report.wording import DASH, MONTHS, factor, number, percent, signed

TICK_FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
DATE_STEPS = (1, 2, 4, 7, 14, 28, 56, 91, 182, 364, 728, 1820, 3640)
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def value_text(value: float, unit: str) -> str:
    """Return a number with its unit: ``×0.62``, ``54 %``, ``+12 ms``."""
    if not math.isfinite(value):
        return DASH
    if unit == "ln":
        return factor(value)
    if unit in {"1", "ref"}:
        return f"{percent(value)} %"
    if unit == "s":
        return f"{signed(1000.0 * value, 0)} ms"
    return f"{number(value)} {unit}".rstrip()


def change_text(comparison: Comparison, change: float) -> str:
    """Return a change on the comparison's scale as a reader sees it, from where it began: ``×0.62``, ``+9 points``."""
    if not math.isfinite(change):
        return DASH
    scale, start = comparison.scale, comparison.ends[0]
    step = scale.back(scale.there(start) + change) - start
    if comparison.unit in {"ln", "ref"}:
        return factor(change)
    if comparison.unit == "1":
        return f"{signed(100.0 * step, 0)} points"
    return f"{signed(1000.0 * step, 0)} ms" if comparison.unit == "s" else signed(step, 1)


def day_text(day: str) -> str:
    """Return ``2 Sep`` from ``2026-09-02``; any other text comes back as it is."""
    try:
        when = dt.date.fromisoformat(day)
    except ValueError:
        return day
    return f"{when.day} {MONTHS[when.month - 1]}"


def since_text(first: str, last: str) -> str:
    """Return ``September``, or ``2 Sep`` when that is less than four weeks ago."""
    try:
        begun, ended = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return first
    if (ended - begun).days < 28:
        return day_text(first)
    year = f" {begun.year}" if begun.year != ended.year else ""
    return MONTH_NAMES[begun.month - 1] + year


class Axes(NamedTuple):
    """Bounds of a chart in the number's unit, its ticks, its width in days, and the days that are named."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    days: float
    dates: tuple[tuple[float, str], ...]


def axes_of(comparison: Comparison, *, most_dates: int = 7, most_ticks: int = 7) -> Axes:
    """Choose the axes of a comparison's chart: everything that counts is inside."""
    seen = [value for day in comparison.days for value in (day.low, day.value, day.high)] + [*comparison.band]
    if comparison.trend:
        seen += [value for point in comparison.trend.line for value in point[2:]]
    known = [value for value in seen if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    least = {"ln": 0.4, "1": 0.1, "ref": 0.1, "s": 0.05}.get(comparison.unit, 1.0)
    margin = 0.06 * max(high - low, least) + max(0.0, 0.5 * (least - (high - low)))
    low, high = low - margin, high + margin
    days = max((day.at_days for day in comparison.days), default=0.0)
    return Axes(
        low, high, _ticks(low, high, comparison.unit, most_ticks), max(days, 1.0), _dates(comparison, most_dates)
    )


def _ticks(low: float, high: float, unit: str, most: int) -> tuple[tuple[float, str], ...]:
    if unit == "ln":
        found = [(math.log(each), f"×{each:g}") for each in TICK_FACTORS if low <= math.log(each) <= high]
        if len(found) >= 2:
            return tuple(found[:: math.ceil(len(found) / most)])
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * times for times in (1.0, 2.0, 5.0, 10.0) if size * times >= raw)
    first = math.ceil(low / step)
    return tuple((place * step, value_text(place * step, unit)) for place in range(first, math.floor(high / step) + 1))


def _dates(comparison: Comparison, most: int) -> tuple[tuple[float, str], ...]:
    if not comparison.days:
        return ()
    first, span = comparison.days[0], comparison.days[-1].at_days
    step = next((step for step in DATE_STEPS if span / step <= most - 1), DATE_STEPS[-1] * 10)
    begun = dt.date.fromisoformat(first.day)
    places = range(0, int(span) + 1, step)
    return tuple((float(place), day_text((begun + dt.timedelta(days=place)).isoformat())) for place in places)
