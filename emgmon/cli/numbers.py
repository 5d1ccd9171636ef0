"""Numbers on the command line, within bounds; what does not fit is told by argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Parse = Callable[[str], float]


def whole(low: int, high: int) -> Parse:
    """Return a parser of whole numbers from `low` to `high`."""
    return _between(low, high, int)


def real(low: float, high: float) -> Parse:
    """Return a parser of numbers from `low` to `high`."""
    return _between(low, high, float)


def speed(text: str) -> float:
    """Read times real time, or ``max`` for no waiting at all."""
    return float("inf") if text == "max" else real(0.05, 1000)(text)


def _between(low: float, high: float, kind: type[int | float]) -> Parse:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return parse
