"""What raw values say of the electrode's contact, told of windows of one second all at once; vectorised.

Whether it is constant, cut off at the top, or thrown to another offset is decided in `emgmon.dsp.contact_verdicts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emgmon.model import Array

FULL = 0.98
"""Share of full scale from which on a sample is cut off, where full scale is known."""
ABRUPT_S = 0.020
"""A step takes no longer than this; what takes longer is drift."""


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """Limits of what is constant.

    Attributes
    ----------
    flat_uv, flat_s : float
        Spread of a quarter second below which there is no signal, where the scale is known; and the longest time that
        one value may be repeated.
    run : int
        Equal extremes in a row that are called cut off.
    clear : float
        An extreme must be so many converter steps from the middle.
    piled : int
        So many samples at an extreme, and no fewer than in the tenth of the range next to it, are a pile: what is not
        cut off has ever fewer samples towards its extremes.
    """

    flat_uv: float = 0.3
    flat_s: float = 0.050
    run: int = 3
    clear: float = 16.0
    piled: int = 8


class Facts(NamedTuple):
    """What is cheaply known of n windows and mostly enough to judge them, (n,) each.

    Attributes
    ----------
    low, high : list of float
        Least and largest value.
    step : list of float
        Smallest step between neighbours that differ, infinite when none do.
    same : list of float
        Neighbours that do not differ.
    spread : list of float
        Standard deviation of the newest quarter.
    moved : list of float
        The medians of the first and the newest quarter are at most so far apart.
    middle : list of float
        Mean.
    """

    low: list[float]
    high: list[float]
    step: list[float]
    same: list[float]
    spread: list[float]
    moved: list[float]
    middle: list[float]


def facts_with_gaps(window: Array) -> tuple[float, ...]:
    """Return the facts of one window of which some is lost."""
    values = window[np.isfinite(window)]
    steps = np.abs(np.diff(values))
    apart = steps[steps != 0.0]
    step = float(apart.min()) if len(apart) else math.inf
    spread = float(values[-len(values) // 4 :].std())
    same = float(len(steps) - len(apart))
    return float(values.min()), float(values.max()), step, same, spread, math.inf, float(values.mean())


def facts_of_windows(samples: Array, hop: int) -> Array:
    """Return the facts of each window of four hops, a hop apart, (7, n); vectorised.

    Parameters
    ----------
    samples : (n_hops · hop,) array
        Windows with NaN in them get no facts.
    hop : int
    """
    rows, n = samples.reshape(-1, hop), len(samples) // hop - 3
    steps = np.full(rows.shape, math.inf)
    flat = steps.reshape(-1)[1:]
    np.subtract(samples[1:], samples[:-1], out=flat)
    np.abs(flat, out=flat)
    inside, ends = np.minimum.reduce(steps[:, 1:], axis=1), np.empty((3, len(rows)))
    np.minimum(inside, steps[:, 0], out=ends[0])
    same = joint_same = None
    if not ends[0].all():
        equal = steps == 0.0
        steps[equal] = math.inf
        same, joint_same = equal[:, 1:].sum(axis=1, dtype=np.float64), equal[:, 0].astype(np.float64)
        inside = np.minimum.reduce(steps[:, 1:], axis=1)
        np.minimum(inside, steps[:, 0], out=ends[0])
    np.minimum.reduce(rows, axis=1, out=ends[1])
    np.negative(np.maximum.reduce(rows, axis=1), out=ends[2])
    mean = np.add.reduce(rows, axis=1) / hop
    away = np.subtract(rows, mean[:, None], out=steps)
    away *= away
    spread = np.sqrt(np.add.reduce(away, axis=1) / hop)
    least, out = np.minimum(ends[:, 1 : n + 1], ends[:, 2 : n + 2]), np.empty((len(Facts._fields), n))
    np.minimum(least, ends[:, 3:], out=least)
    np.minimum(least[1], ends[1, :n], out=out[0])
    np.negative(np.minimum(least[2], ends[2, :n]), out=out[1])
    np.minimum(least[0], inside[:n], out=out[2])
    out[3] = 0.0
    if same is not None and joint_same is not None:
        np.add.reduce([same[:n], *(same[k : n + k] + joint_same[k : n + k] for k in (1, 2, 3))], out=out[3])
    out[4] = spread[3:]
    out[5] = (np.abs(mean[3:] - mean[:-3]) + spread[3:] + spread[:-3]) * (1.0 + 1e-9)
    out[6] = mean_of_quarters([mean[k : n + k] for k in range(4)])
    return out


def mean_of_quarters(means: Sequence[Array] | Array) -> Array:
    """Mean of windows of which the means of all quarters are given, four of (n,)."""
    return np.asarray((means[0] + means[1] + means[2] + means[3]) / 4.0)


def median_of(values: Array) -> float:
    """Median of values without NaN."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1].tolist()
    return float((low + high) / 2.0)
