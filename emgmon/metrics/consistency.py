"""How alike the reps of a set are: the spread of their levels, and the likeness of their curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import signal
from scipy.special import chdtri

from emgmon.metrics.base import BOUNDS
from emgmon.metrics.estimates import SetMetric, bare_estimate, enough
from emgmon.model import Array, Curve, Estimate, RepSummary

POINTS = 101
CURVE_HZ = 4.0
TWO_PASSES = 0.802
"""A second-order Butterworth filter run both ways keeps its corner when that is divided by this."""

MAX_MISSING = 0.10


def spread(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Give the standard deviation over reps of ln(level), about the coefficient of variation, with its 95 % interval.

    Levels that are only bounds do not count. The interval takes reps as independent and log-normal.
    """
    logs: dict[tuple[str, str], list[float]] = {}
    for rep in reps:
        for item in rep.values:
            if rep.valid and item.metric == "level" and item.flag not in BOUNDS and 0.0 < item.value < math.inf:
                logs.setdefault((item.phase, item.where), []).append(math.log(item.value))
    out = []
    for (phase, where), found in logs.items():
        n = len(found)
        if enough(n, len(reps)):
            value = float(np.std(found, ddof=1))
            low, high = (value * math.sqrt((n - 1) / float(chdtri(n - 1, p))) for p in (0.025, 0.975))
            out.append(bare_estimate(("spread", phase, where, "ln"), n, value, bounds=(low, high)))
    return out


def likeness(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Give the mean correlation between the curves of all pairs of reps, each stretched to 101 points (4 Hz)."""
    curves: dict[str, list[Array]] = {}
    for rep in reps:
        for curve in rep.curves:
            course = stretched(curve, rep.rep.start_s, rep.rep.end_s) if rep.valid else None
            if course is not None:
                curves.setdefault(str(curve.placement), []).append(course)
    out = []
    for where, found in curves.items():
        if enough(len(found), len(reps)):
            pairs = np.asarray(np.corrcoef(np.array(found)))[np.triu_indices(len(found), 1)]
            out.append(bare_estimate(("likeness", "act", where, "1"), len(found), float(pairs.mean())))
    return out


def stretched(curve: Curve, start_s: float, end_s: float) -> Array | None:
    """Return a rep's curve, smoothed at 4 Hz without delay, at 101 points from its start to its end.

    Parameters
    ----------
    curve : Curve
    start_s, end_s : float
        Session times of the rep.

    Returns
    -------
    (101,) array or None
        Unit of the curve; None when more than a tenth is missing, or it never changes.
    """
    level = np.array(curve.level)
    time_s = curve.start_s + curve.period_s * np.arange(len(level))
    there = np.isfinite(level)
    inside = (time_s >= start_s) & (time_s <= end_s)
    if len(level) < 16 or not inside.any() or (inside & ~there).sum() > MAX_MISSING * inside.sum():
        return None
    filled = np.interp(time_s, time_s[there], level[there])
    sos = signal.butter(2, CURVE_HZ / TWO_PASSES, fs=1.0 / curve.period_s, output="sos")
    smooth = signal.sosfiltfilt(sos, filled, padlen=min(15, len(filled) - 1))
    course = np.interp(np.linspace(start_s, end_s, POINTS), time_s, smooth)
    return np.asarray(course, np.float64) if np.ptp(course) > 1e-9 * np.abs(course).max() else None


SPREAD = SetMetric("spread", "Spread of activation", "ln", -1, spread)
LIKENESS = SetMetric("likeness", "Likeness of reps", "1", 1, likeness)
