"""Constant offsets between sensors that were shaken together in one hand.

What one hand shakes turns alike in every housing, however it lies in the hand: the norm of the angular velocity is one
curve, seen by each sensor through its own clock and its own delay. The lag at which two curves are most alike is what
the clock fit cannot know: the least delay of a link, and what a firmware takes before it sends. Vectorised, offline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgmon.model import Array

GRID_S = 0.002
"""Both curves are laid on a grid of this step; the lag is found between its points by a parabola."""

LARGEST_S = 0.25
SHORTEST_S = 3.0
LEAST_LIKENESS = 0.9
LEAST_SPREAD = {"angular_velocity": 30.0, "acceleration": 0.15}
"""Standard deviation of a norm (dps, g) below which nothing was shaken."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """What one sensor felt: the norm of a vector at session times.

    Attributes
    ----------
    quantity : str
        ``angular_velocity`` (dps) or ``acceleration`` (g).
    time_s : (n,) array
        Rising.
    norm : (n,) array
        NaN where samples were lost.
    """

    quantity: str
    time_s: Array
    norm: Array


@dataclass(frozen=True, slots=True)
class Lag:
    """How much later the second sensor's times are for the same movement.

    `likeness` is the correlation at that lag, 0 to 1; `refusal` says why the lag is not to be used, if it is not.
    """

    lag_s: float
    likeness: float
    refusal: str = ""


def lag_between(first: Shaken, second: Shaken) -> Lag:
    """Find the lag of the second sensor behind the first.

    Both must bear the same quantity. Lags up to `LARGEST_S` are looked at. Lost samples are bridged by straight lines:
    use it on seconds of which few are missing. The lag of a steady shake is ambiguous by its period, hence refused
    where another lag is nearly as good.
    """
    curves = [_known(shaken) for shaken in (first, second)]
    if any(len(time_s) < 2 for time_s, _norm in curves):
        return Lag(0.0, 0.0, "there is no movement from it")
    start_s = max(time_s[0] for time_s, _norm in curves)
    stop_s = min(time_s[-1] for time_s, _norm in curves)
    if stop_s - start_s < SHORTEST_S:
        return Lag(0.0, 0.0, f"less than {SHORTEST_S:g} s of it are there")
    grid_s = np.arange(start_s, stop_s, GRID_S)
    one, other = (np.interp(grid_s, time_s, norm) for time_s, norm in curves)
    if min(one.std(), other.std()) < LEAST_SPREAD[first.quantity]:
        return Lag(0.0, 0.0, "it was hardly moved")
    likeness = _likeness(one, other, round(LARGEST_S / GRID_S))
    best = int(likeness.argmax())
    if not 0 < best < len(likeness) - 1:
        return Lag(0.0, float(likeness[best]), "it moved otherwise")
    low, top, high = likeness[best - 1 : best + 2]
    bend = low - 2 * top + high
    lag_s = (best - len(likeness) // 2 + (0.5 * (low - high) / bend if bend < 0 else 0.0)) * GRID_S
    return Lag(lag_s, float(top), _doubt(likeness, best))


def _doubt(likeness: Array, best: int) -> str:
    """Say why the best of the lags is not to be used; empty when it is."""
    top = float(likeness[best])
    if top < LEAST_LIKENESS:
        return "it moved otherwise"
    inner = likeness[1:-1]
    peaks = np.flatnonzero((inner >= likeness[:-2]) & (inner > likeness[2:])) + 1
    nearly = 1.0 - 2.0 * (1.0 - top) - 0.02
    return "the shaking was too even" if any(likeness[peak] > nearly for peak in peaks if peak != best) else ""


def _known(shaken: Shaken) -> tuple[Array, Array]:
    there = np.isfinite(shaken.norm)
    return shaken.time_s[there], shaken.norm[there]


def _likeness(one: Array, other: Array, most: int) -> Array:
    """Correlation of two curves at lags of -most to +most steps; each over what they share at that lag."""
    found = []
    for lag in range(-most, most + 1):
        a = one[max(0, -lag) : len(one) - max(0, lag)]
        b = other[max(0, lag) : len(other) - max(0, -lag)]
        a, b = a - a.mean(), b - b.mean()
        scale = float(np.sqrt((a @ a) * (b @ b)))
        found.append(float(a @ b) / scale if scale > 0 else 0.0)
    return np.array(found)
