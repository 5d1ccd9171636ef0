"""From the reps of a set to the set's value and its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from emgmon.model import Array, Estimate, RepSummary

MIN_REPS = 5
MIN_VALID_SHARE = 0.6


def set_estimates(reps: Sequence[RepSummary]) -> tuple[Estimate, ...]:
    """Estimate every metric, phase and place that the valid reps of a set have.

    Parameters
    ----------
    reps : sequence of RepSummary
        All reps of the set, in order.
    """
    columns: dict[tuple[str, str, str, str], list[tuple[int, float]]] = {}
    for rep in reps:
        for value in rep.values:
            if rep.valid and not math.isnan(value.value):
                key = (value.metric, value.phase, value.where, value.unit)
                columns.setdefault(key, []).append((rep.index, value.value))
    return tuple(_estimate(key, found, len(reps)) for key, found in columns.items())


def _estimate(key: tuple[str, str, str, str], found: list[tuple[int, float]], performed: int) -> Estimate:
    index = np.array([k for k, _v in found], np.float64)
    value = np.array([v for _k, v in found])
    metric, phase, where, unit = key
    half = (performed + 1) / 2
    first, last = value[index < half], value[index > half]
    change_low, change_high = welch_interval(first, last)
    enough = len(value) >= MIN_REPS and len(value) >= MIN_VALID_SHARE * performed
    low, high, slope, slope_half = interval(index, value) if enough else (math.nan,) * 4
    return Estimate(
        metric,
        phase,
        where,
        unit,
        n=len(value),
        mean=float(value.mean()),
        low=low,
        high=high,
        first=float(first.mean()) if len(first) else math.nan,
        last=float(last.mean()) if len(last) else math.nan,
        change_low=change_low if enough else math.nan,
        change_high=change_high if enough else math.nan,
        slope=slope,
        slope_low=slope - slope_half,
        slope_high=slope + slope_half,
    )


def interval(index: Array, value: Array) -> tuple[float, float, float, float]:
    """95 % interval of a mean over reps that may drift and that resemble their neighbours.

    The mean and a linear trend are fitted; what is left gives the spread, and its lag-1 autocorrelation r1 (plus 2/n
    for its bias, within 0 to 0.6) the number of reps that are worth as much as independent ones,
    n·(1−r1)/(1+r1), at least 3.5. Student's t with that many reps less one. In simulations with 8 to 12 reps it covers
    96 % (independent reps) and 90 % (autocorrelation 0.3), where a percentile bootstrap covers 90 % and 78 %.

    Parameters
    ----------
    index, value : (n,) array
        Number of each rep and its value, n >= 3.

    Returns
    -------
    low, high : float
        Bounds of the mean.
    slope, slope_half_width : float
        Change per rep, and half the width of its interval.
    """
    n = len(value)
    centred = index - index.mean()
    spread = float(centred @ centred)
    slope = float(centred @ value) / spread
    residual = value - value.mean() - slope * centred
    variance = float(residual @ residual) / (n - 2)
    total = float(residual @ residual)
    r1 = float(residual[1:] @ residual[:-1]) / total if total > 0 else 0.0
    r1 = min(max(r1 + 2 / n, 0.0), 0.6)
    n_eff = max(n * (1 - r1) / (1 + r1), 3.5)
    quantile = float(stdtrit(n_eff - 1, 0.975))
    half = quantile * math.sqrt(variance / n_eff)
    slope_half = quantile * math.sqrt(variance / spread * n / n_eff)
    mean = float(value.mean())
    return mean - half, mean + half, slope, slope_half


def welch_interval(first: Array, last: Array) -> tuple[float, float]:
    """95 % interval of mean(last) − mean(first), variances not assumed equal; NaN when either has fewer than 2."""
    if min(len(first), len(last)) < 2:
        return math.nan, math.nan
    parts = [float(half.var(ddof=1)) / len(half) for half in (first, last)]
    error, change = sum(parts), float(last.mean() - first.mean())
    if error <= 0.0:
        return change, change
    freedom = error**2 / sum(part**2 / (len(half) - 1) for part, half in zip(parts, (first, last), strict=True))
    reach = float(stdtrit(freedom, 0.975)) * math.sqrt(error)
    return change - reach, change + reach
