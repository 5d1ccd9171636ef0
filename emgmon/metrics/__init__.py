"""One function per number: a finished rep's signals in, values out; or all reps of a set in, one estimate out.

A new metric is a function, its record in `METRICS` (of a rep) or `SET_METRICS` (of a set), and a section in
``docs/metrics.md``. Estimates, files, store and comparison iterate over these; nothing else has to change.
"""

from __future__ import annotations

from emgmon.metrics.amplitude import ARV, ECC_CON, INTEGRAL, LEVEL, PEAK
from emgmon.metrics.base import HopSeries, Metric, RepSignals, Stretch
from emgmon.metrics.coactivation import COACTIVATION_E, COACTIVATION_H, OVERLAP_E, OVERLAP_H
from emgmon.metrics.course import CENTROID, TIME_TO_PEAK
from emgmon.metrics.crosstalk import CROSSTALK
from emgmon.metrics.dominance import (
    LOG_RATIO_E,
    LOG_RATIO_H,
    LOG_RATIO_HE,
    SDI,
    SHARE_BACK,
    SHARE_GLUTE,
    SHARE_HAMSTRING,
)
from emgmon.metrics.fatigue import FINSM5, MDF, MNF, top_window_s
from emgmon.metrics.movement import DURATION, RANGE
from emgmon.metrics.onset import ONSET, ONSET_DELAY_E, ONSET_DELAY_H, RISE10, starts_of
from emgmon.metrics.sets import SET_METRICS, set_estimates
from emgmon.metrics.symmetry import SDI_DIFFERENCE, SYMMETRY, SYMMETRY_INDEX

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
    PEAK,
    INTEGRAL,
    ARV,
    ECC_CON,
    SHARE_GLUTE,
    SHARE_HAMSTRING,
    SHARE_BACK,
    SDI,
    LOG_RATIO_H,
    LOG_RATIO_E,
    LOG_RATIO_HE,
    CROSSTALK,
    SYMMETRY,
    SYMMETRY_INDEX,
    SDI_DIFFERENCE,
    OVERLAP_H,
    OVERLAP_E,
    COACTIVATION_H,
    COACTIVATION_E,
    DURATION,
    RANGE,
    CENTROID,
    TIME_TO_PEAK,
    ONSET,
    RISE10,
    ONSET_DELAY_H,
    ONSET_DELAY_E,
    MDF,
    MNF,
    FINSM5,
)
