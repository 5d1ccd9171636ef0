"""How much of the glutes' signal could be the hamstrings' instead."""

from __future__ import annotations

import math

from emgmon.metrics.base import Level, Metric, RepSignals, both_sides, ratio_flag
from emgmon.model import Value

WORST = 0.2
"""Largest part of the hamstrings' amplitude that is taken to reach the electrodes of the glutes."""

NOTEWORTHY_LN = -0.5 * math.log(1.0 - (3.0 * WORST) ** 2)
"""Reach at three times as much hamstring as glute activity, ln 1.25: from here on the report speaks of it."""


def crosstalk(signals: RepSignals) -> list[Value]:
    """How far log-ratios and index could rise if a fifth of the hamstrings' amplitude came through, ln.

    Unlike signals add as the root of their squares, so of a measured G the muscle's part is √(G² − (c·H)²). The true
    index lies between the measured one (c = 0) and that plus this number (c = 0.2).
    """
    if not {"G", "H"} <= set(signals.groups):
        return []
    return [
        value
        for phase in signals.phases
        for value in both_sides(
            "crosstalk", "ln", phase, {side: _reach(signals, side, phase) for side in signals.sides}
        )
    ]


def _reach(signals: RepSignals, side: str, phase: str) -> Level:
    glute, other = (signals.group_level(group, side, phase) for group in ("G", "H"))
    for level in (glute, other):
        if not math.isfinite(level.value):
            return Level(math.nan, level.flag or "signal lost")
    if WORST * other.value >= glute.value:
        return Level(math.nan, "all of the glute signal could be crosstalk")
    return Level(-0.5 * math.log1p(-((WORST * other.value / glute.value) ** 2)), ratio_flag(other.flag, glute.flag))


CROSSTALK = Metric("crosstalk", "Room for crosstalk", "ln", 0, crosstalk)
