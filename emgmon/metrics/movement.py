"""How long and how far: durations of the phases, and the range of the movement."""

from __future__ import annotations

import math

from emgmon.metrics.base import Metric, RepSignals
from emgmon.model import Value


def duration(signals: RepSignals) -> list[Value]:
    """Length of each phase in s."""
    bounds = {phase: signals.rep.bounds_s(phase) for phase in signals.phases}
    return [Value("duration", phase, "both", stop - start, "s") for phase, (start, stop) in bounds.items()]


def movement_range(signals: RepSignals) -> list[Value]:
    """Excursion of the exercise's segment in degrees; only where an inclination was measured."""
    if math.isnan(signals.range_deg):
        return []
    return [Value("range", "act", "both", signals.range_deg, "deg")]


DURATION = Metric("duration", "Duration", "s", 0, duration)
RANGE = Metric("range", "Range of movement", "deg", 0, movement_range)
