"""Numbers, lists and dates as a reader sees them; a missing number is always a dash."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

DASH = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Fixed, because the names that the C library knows depend on the machine's language."""


def number(value: float, digits: int = 1) -> str:
    """Return ``2.5``, with a true minus sign."""
    if not math.isfinite(value):
        return DASH
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """Return ``+0.35`` or ``−0.35``; zero bears no sign."""
    text = number(value, digits)
    return text if text == DASH or text.startswith("−") or not float(text) else f"+{text}"


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction in %, without the sign: ``54``."""
    return number(100.0 * fraction, digits)


def factor(log_ratio: float) -> str:
    """Return a log-ratio as the factor it stands for: ``×1.42``."""
    return f"×{math.exp(log_ratio):.2f}" if math.isfinite(log_ratio) and abs(log_ratio) < 20 else DASH


def interval(low: float, high: float, digits: int = 2) -> str:
    """Return ``−0.10 to +0.20``, or a dash when either end is missing."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return DASH
    return f"{signed(low, digits)} to {signed(high, digits)}"


BOUND_SIGNS = {"<=": "≤", ">=": "≥", "~": "~"}


def flagged(text: str, flag: str) -> str:
    """Put ``≤`` before a number that is at most this, ``≥`` before one that is at least this, ``~`` if either."""
    return f"{BOUND_SIGNS.get(flag, '')}{text}" if text != DASH else text


def usual_bound(flags: Sequence[str]) -> str:
    """Return the bound that more than half of the values are, empty when they are values."""
    return next((bound for bound in BOUND_SIGNS if 2 * flags.count(bound) > len(flags)), "")


def bounds_text(at_most: int, at_least: int) -> str:
    """Return ``, 2 of them at most``: how many of the reps in an estimate are only bounds; empty without any."""
    parts = [f"{count} of them {word}" for count, word in ((at_most, "at most"), (at_least, "at least")) if count]
    return "".join(f", {part}" for part in parts)


def listing(items: Sequence[object], last: str = "and") -> str:
    """Return ``1, 2 and 3``."""
    words = [str(item) for item in items]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def plural(count: int, noun: str) -> str:
    """Return ``1 rep`` or ``8 reps``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def capital(text: str) -> str:
    """Return the text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def moment(started_utc: str) -> str:
    """Return ``22 Nov 2026, 18:04 UTC`` from an ISO 8601 time; any other text comes back as it is."""
    try:
        when = dt.datetime.fromisoformat(started_utc)
    except ValueError:
        return started_utc
    if when.tzinfo is not None:
        when = when.astimezone(dt.UTC)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}, {when:%H:%M} UTC"


def length(seconds: float) -> str:
    """Return ``3 min 20 s``."""
    if not math.isfinite(seconds):
        return DASH
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
