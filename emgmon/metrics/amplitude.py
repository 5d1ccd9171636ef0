"""How much: the amplitude of each channel, as a share of its reference where there is one."""

from __future__ import annotations

from emgmon.metrics.base import Metric, RepSignals
from emgmon.model import Value


def level(signals: RepSignals) -> list[Value]:
    """Noise-subtracted RMS of each channel over each phase."""
    return [
        Value("level", phase, str(place), found.value, signals.unit(place), found.flag)
        for place in signals.series
        for phase in signals.phases
        for found in [signals.level(place, phase)]
    ]


LEVEL = Metric("level", "Activation", "ref", 0, level)
