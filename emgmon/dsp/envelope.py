"""From filtered EMG to amplitude: mean squares of short hops, and moving RMS.

Everything that emgmon shows is made of hops of 10 ms: a bar is the root of the mean of the last 12 of them, a
repetition's amplitude the root of the mean over its phase. So window, report and replay can't differ, and a phase is
never smeared by a window that reaches beyond it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array

HOP_S = 0.010
HUGE = 1e150
"""A sample from here on has no square and counts as lost."""


@dataclass(slots=True)
class HopPower:
    """Mean square of each hop of one channel; online, a hop comes out when its last sample is in.

    A hop with less than half of its samples is NaN.
    """

    fs_hz: float
    hop: int = field(init=False)
    _rest: Array = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        self.hop = max(1, round(HOP_S * self.fs_hz))

    def __call__(self, filtered: Array) -> tuple[Array, int]:
        """Take the next filtered samples.

        Parameters
        ----------
        filtered : (n,) array
            NaN where lost.

        Returns
        -------
        power : (m,) array
            Mean squares, unit squared.
        lead : int
            Samples of the first hop that came with earlier calls: the first hop began that many samples before the
            first of `filtered`.
        """
        lead = len(self._rest)
        samples = np.concatenate([self._rest, filtered]) if lead else filtered
        n_hops = len(samples) // self.hop
        self._rest = samples[n_hops * self.hop :].copy()
        if not n_hops:
            return np.empty(0), lead
        parts = samples[: n_hops * self.hop].reshape(n_hops, self.hop)
        with np.errstate(over="ignore", invalid="ignore"):
            total = (parts * parts).sum(axis=1)
        if np.isfinite(total).all():
            return total / self.hop, lead
        there = np.abs(parts) < HUGE
        count = there.sum(axis=1)
        total = (np.where(there, parts, 0.0) ** 2).sum(axis=1)
        return np.where(count * 2 >= self.hop, total / np.maximum(count, 1), np.nan), lead

    def restart(self) -> None:
        """Forget a hop that was begun: the next sample does not follow the last one."""
        self._rest = np.empty(0)


def rms(power: Array, noise: float) -> float:
    """Noise-subtracted RMS of a stretch of hops.

    Parameters
    ----------
    power : (n,) array
        Mean squares of hops; NaN where lost.
    noise : float
        RMS of the relaxed channel; NaN when unknown, then nothing is subtracted.

    Returns
    -------
    float
        √max(mean − noise², 0); NaN when less than half of the hops are there.
    """
    total, n = float(power.sum()), len(power)
    if math.isnan(total):
        there = power[np.isfinite(power)]
        if len(there) * 2 < n:
            return math.nan
        total, n = float(there.sum()), len(there)
    if not n:
        return math.nan
    mean = total / n
    return math.sqrt(max(mean - (0.0 if math.isnan(noise) else noise * noise), 0.0))


def moving_rms(power: Array, n_hops: int, noise: float) -> Array:
    """Noise-subtracted RMS over each run of `n_hops` hops; vectorised.

    Parameters
    ----------
    power : (n,) array
        Mean squares of hops; NaN where lost.
    n_hops : int
        Length of the window; the value at i covers hops i to i + n_hops − 1.
    noise : float
        As in `rms`.

    Returns
    -------
    (max(n − n_hops + 1, 0),) array
    """
    n_out = len(power) - n_hops + 1
    if n_out <= 0:
        return np.empty(0)
    there = np.isfinite(power)
    if there.all():
        mean = _sums(power, n_hops) / n_hops
    else:
        count = _sums(there.astype(np.float64), n_hops)
        total = _sums(np.where(there, power, 0.0), n_hops)
        mean = np.where(count * 2 >= n_hops, total / np.maximum(count, 1), np.nan)
    return np.asarray(np.sqrt(np.maximum(mean - (0.0 if math.isnan(noise) else noise * noise), 0.0)), np.float64)


def _sums(values: Array, n: int) -> Array:
    """Sum of each run of `n` values, from sums of 1, 2, 4, … : the same whatever stands before and after the run."""
    n_out = len(values) - n + 1
    total, taken, part, width = np.zeros(n_out), 0, values, 1
    while True:
        if n & width:
            total += part[taken : taken + n_out]
            taken += width
        if taken == n:
            return total
        part = part[:-width] + part[width:]
        width *= 2
