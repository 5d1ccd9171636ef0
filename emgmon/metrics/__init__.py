"""One function per number: a finished rep's signals in, values out.

A new metric is a function, its record in `METRICS`, and a section in ``docs/metrics.md``. Window, report and files
iterate over `METRICS`; nothing else has to change.
"""

from __future__ import annotations

from emgmon.metrics.amplitude import LEVEL
from emgmon.metrics.base import HopSeries, Metric, RepSignals, Stretch
from emgmon.metrics.dominance import LOG_RATIO_E, LOG_RATIO_H, SDI, SHARE_BACK, SHARE_GLUTE, SHARE_HAMSTRING
from emgmon.metrics.fatigue import FINSM5, MDF, MNF, top_window_s
from emgmon.metrics.movement import DURATION, RANGE
from emgmon.metrics.onset import ONSET, ONSET_DELAY_E, ONSET_DELAY_H, RISE10, starts_of
from emgmon.metrics.sets import SET_METRICS, set_estimates
from emgmon.metrics.symmetry import SYMMETRY

__all__ = [
    "METRICS",
    "SET_METRICS",
    "HopSeries",
    "Metric",
    "RepSignals",
    "Stretch",
    "set_estimates",
    "starts_of",
    "top_window_s",
]

METRICS: tuple[Metric, ...] = (
    LEVEL,
    SHARE_GLUTE,
    SHARE_HAMSTRING,
    SHARE_BACK,
    SDI,
    LOG_RATIO_H,
    LOG_RATIO_E,
    SYMMETRY,
    DURATION,
    RANGE,
    ONSET,
    RISE10,
    ONSET_DELAY_H,
    ONSET_DELAY_E,
    MDF,
    MNF,
    FINSM5,
)
