"""From the reps of a set to the set's value and its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from emgmon.model import Array, Estimate, RepSummary, Value

MIN_REPS = 5
MIN_VALID_SHARE = 0.6


class SetMetric(NamedTuple):
    """One number of a whole set, which no single rep has: as `Metric`, with a function over all its reps."""

    name: str
    title: str
    unit: str
    direction: int
    compute: Callable[[Sequence[RepSummary]], list[Estimate]]


def enough(counted: int, performed: int) -> bool:
    """Whether so many reps of those performed give more than a mean."""
    return counted >= MIN_REPS and counted >= MIN_VALID_SHARE * performed


def series_of(reps: Sequence[RepSummary], metric: str) -> dict[tuple[str, str], list[tuple[RepSummary, float]]]:
    """Collect the finite values of one metric from the valid reps, in order, by phase and place."""
    found: dict[tuple[str, str], list[tuple[RepSummary, float]]] = {}
    for rep in reps:
        for value in rep.values:
            if rep.valid and value.metric == metric and math.isfinite(value.value):
                found.setdefault((value.phase, value.where), []).append((rep, value.value))
    return found


def bare_estimate(
    key: tuple[str, str, str, str],
    n: int,
    mean: float,
    *,
    bounds: tuple[float, float] = (math.nan, math.nan),
    slope: tuple[float, float, float] = (math.nan, math.nan, math.nan),
) -> Estimate:
    """Make the estimate of a number that only a set has: metric, phase, place and unit, and what is known of it."""
    unknown = (math.nan,) * 4
    return Estimate(*key, n, mean, *bounds, *unknown, *slope)


def rep_estimates(reps: Sequence[RepSummary]) -> tuple[Estimate, ...]:
    """Estimate every metric, phase and place that the valid reps of a set have.

    Parameters
    ----------
    reps : sequence of RepSummary
        All reps of the set, in order.
    """
    columns: dict[tuple[str, str, str, str], list[tuple[int, Value]]] = {}
    for rep in reps:
        for value in rep.values:
            if rep.valid and math.isfinite(value.value):
                key = (value.metric, value.phase, value.where, value.unit)
                columns.setdefault(key, []).append((rep.index, value))
    return tuple(_estimate(key, found, len(reps)) for key, found in columns.items())


def _estimate(key: tuple[str, str, str, str], found: list[tuple[int, Value]], performed: int) -> Estimate:
    index = np.array([k for k, _v in found], np.float64)
    value = np.array([v.value for _k, v in found])
    metric, phase, where, unit = key
    half = (performed + 1) / 2
    first, last = value[index < half], value[index > half]
    change_low, change_high = welch_interval(first, last)
    within = interval(index, value) if enough(len(value), performed) else NO_INTERVAL
    known = not math.isnan(within.low)
    return Estimate(
        metric,
        phase,
        where,
        unit,
        n=len(value),
        mean=float(value.mean()),
        low=within.low,
        high=within.high,
        first=float(first.mean()) if len(first) else math.nan,
        last=float(last.mean()) if len(last) else math.nan,
        change_low=change_low if known else math.nan,
        change_high=change_high if known else math.nan,
        slope=within.slope,
        slope_low=within.slope - within.slope_half,
        slope_high=within.slope + within.slope_half,
        error=within.error,
        freedom=within.freedom,
        at_most=sum(v.flag in {"<=", "~"} for _k, v in found),
        at_least=sum(v.flag in {">=", "~"} for _k, v in found),
    )


class Interval(NamedTuple):
    """95 % bounds of a mean, the slope over reps with half the width of its interval, standard error and freedom."""

    low: float
    high: float
    slope: float
    slope_half: float
    error: float
    freedom: float


NO_INTERVAL = Interval(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)


def interval(index: Array, value: Array) -> Interval:
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
    Interval
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
    error = math.sqrt(variance / n_eff)
    slope_half = quantile * math.sqrt(variance / spread * n / n_eff)
    mean = float(value.mean())
    return Interval(mean - quantile * error, mean + quantile * error, slope, slope_half, error, n_eff - 1.0)


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


def theil_sen(index: Array, value: Array) -> tuple[float, float, float]:
    """Median of the slopes between all pairs, with Sen's 95 % interval from Kendall's variance.

    Robust: a quarter of the reps may be anything. The interval takes reps as independent (Sen 1968).

    Parameters
    ----------
    index, value : (n,) array
        Number of each rep, ascending, and its value; n >= 2.

    Returns
    -------
    slope, low, high : float
        Change per rep.
    """
    n = len(value)
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((value[second] - value[first]) / (index[second] - index[first]))
    reach = float(ndtri(0.975)) * math.sqrt(n * (n - 1) * (2 * n + 5) / 18.0)
    low = max(round((len(slopes) - reach) / 2.0) - 1, 0)
    return float(np.median(slopes)), float(slopes[low]), float(slopes[len(slopes) - 1 - low])
