"""How alike the reps of a set are: the spread of their levels, and the likeness of their curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy

from emgmon.dsp.zero_phase import smoothed
from emgmon.metrics.base import BOUNDS
from emgmon.metrics.estimates import SetMetric, bare_estimate, enough
from emgmon.model import Array, Curve, Estimate, Placement, RepSummary

POINTS = 101
CURVE_HZ = 4.0
TWO_PASSES = 0.802
"""A second-order Butterworth filter run both ways keeps its corner when that is divided by this."""

PAD = 15
"""Values by which the filter continues each end."""

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
            low, high = (value * math.sqrt((n - 1) / float(scipy.special.chdtri(n - 1, p))) for p in (0.025, 0.975))
            out.append(bare_estimate(("spread", phase, where, "ln"), n, value, bounds=(low, high)))
    return out


def likeness(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Give the mean correlation between the curves of all pairs of reps, each stretched to 101 points (4 Hz)."""
    curves: dict[str, list[Array]] = {}
    for rep in reps:
        courses = stretched(rep.curves, rep.rep.start_s, rep.rep.end_s) if rep.valid else {}
        for place, course in courses.items():
            curves.setdefault(str(place), []).append(course)
    out = []
    for where, found in curves.items():
        if enough(len(found), len(reps)):
            pairs = np.asarray(np.corrcoef(np.array(found)))[np.triu_indices(len(found), 1)]
            out.append(bare_estimate(("likeness", "act", where, "1"), len(found), float(pairs.mean())))
    return out


def stretched(curves: Sequence[Curve], start_s: float, end_s: float) -> dict[Placement, Array]:
    """Return a rep's curves, smoothed at 4 Hz without delay, at 101 points from its start to its end.

    Parameters
    ----------
    curves : sequence of Curve
    start_s, end_s : float
        Session times of the rep.

    Returns
    -------
    dict of Placement to (101,) array
        Unit of the curve; without those of which more than a tenth is missing, or that never change.
    """
    alike: dict[tuple[float, float, int], list[tuple[Placement, Array]]] = {}
    for curve in curves:
        level = np.array(curve.level)
        time_s = curve.start_s + curve.period_s * np.arange(len(level))
        there = np.isfinite(level)
        inside = (time_s >= start_s) & (time_s <= end_s)
        if len(level) < 16 or not inside.any() or (inside & ~there).sum() > MAX_MISSING * inside.sum():
            continue
        filled = level if there.all() else np.interp(time_s, time_s[there], level[there])
        alike.setdefault((curve.start_s, curve.period_s, len(level)), []).append((curve.placement, filled))
    courses: dict[Placement, Array] = {}
    points_s = np.linspace(start_s, end_s, POINTS)
    for (first_s, period_s, n), found in alike.items():
        smooth = smoothed(np.array([level for _place, level in found]), CURVE_HZ / TWO_PASSES, 1.0 / period_s, PAD)
        for (place, _level), row in zip(found, smooth, strict=True):
            courses[place] = np.interp(points_s, first_s + period_s * np.arange(n), row)
    return {
        place: courses[place]
        for place in (curve.placement for curve in curves)
        if place in courses and np.ptp(courses[place]) > 1e-9 * np.abs(courses[place]).max()
    }


SPREAD = SetMetric("spread", "Spread of activation", "ln", -1, spread)
LIKENESS = SetMetric("likeness", "Likeness of reps", "1", 1, likeness)
