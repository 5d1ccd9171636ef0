"""From filtered EMG to amplitude: mean squares of short hops, and moving RMS.

Everything that emgmon shows is made of hops of 10 ms: a bar is the root of the mean of the last 12 of them, a
repetition's amplitude the root of the mean over its phase. So window, report and replay can't differ, and a phase is
never smeared by a window that reaches beyond it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.compiled import hop_kernel
from emgmon.model import Array

HOP_S = 0.010
HUGE = 1e150
"""A sample from here on has no square and counts as lost."""

WINDOWS_S = (0.025, 0.125, 0.500)
"""What is shown of this moment is the RMS over the last of these."""

AFTER_S = 1e-9
"""A hop at the moment itself is in, whatever its last digit."""

STALE_S = 0.06
"""A channel whose newest hop is older than this has no level now."""

LEAST_PART = 0.4
"""So much of a window has to be there."""

MOST_COMPILED = 128
"""NumPy adds up to so many values in one run, and so do the compiled loops; it does more of them itself."""


@dataclass(slots=True)
class HopPower:
    """Mean square of each hop of one channel; online, a hop comes out when its last sample is in.

    A hop with less than half of its samples is NaN. `lead` counts the samples of the hop that was begun.
    """

    fs_hz: float
    hop: int = field(init=False)
    lead: int = 0
    _rest: Array = field(init=False)

    def __post_init__(self) -> None:
        self.hop = max(1, round(HOP_S * self.fs_hz))
        self._rest = np.empty(self.hop)

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
        lead, loops = self.lead, hop_kernel()
        if loops is not None and self.hop <= MOST_COMPILED:
            out = np.empty((lead + len(filtered)) // self.hop)
            self.lead = loops.hops_of(np.ascontiguousarray(filtered, np.float64), self._rest, lead, out)
            return out, lead
        samples = np.concatenate([self._rest[:lead], filtered]) if lead else filtered
        n_hops, self.lead = divmod(len(samples), self.hop)
        self._rest[: self.lead] = samples[n_hops * self.hop :]
        return _mean_squares(samples[: n_hops * self.hop].reshape(n_hops, self.hop)), lead

    def put(self, filtered: Array, first_s: float, step_s: float, newest_s: float, time_s: Array, rows: Array) -> bool:
        """Take the next filtered samples, and put their hops where they are kept; False, and nothing, without loops.

        Parameters
        ----------
        filtered : (n,) array
        first_s, step_s : float
            Time of the first hop that ends in them, and from one to the next.
        newest_s : float
            No hop is put before this time, nor before another.
        time_s : (m,) array
            Times of the hops.
        rows : (m, 2) array
            The mean squares, and 0.
        """
        loops = hop_kernel()
        if loops is None or self.hop > MOST_COMPILED:
            return False
        samples = np.ascontiguousarray(filtered, np.float64)
        self.lead = loops.hops_at(samples, self._rest, self.lead, first_s, step_s, newest_s, time_s, rows)
        return True

    def restart(self) -> None:
        """Forget a hop that was begun: the next sample does not follow the last one."""
        self.lead = 0


def _mean_squares(parts: Array) -> Array:
    """Mean square of each row; NaN where less than half of it is there."""
    n = parts.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        total = (parts * parts).sum(axis=1)
    lost = ~np.isfinite(total)
    power: Array = total / n
    if lost.any():
        there = np.abs(parts[lost]) < HUGE
        count = there.sum(axis=1)
        total = (np.where(there, parts[lost], 0.0) ** 2).sum(axis=1)
        power[lost] = np.where(count * 2 >= n, total / np.maximum(count, 1), np.nan)
    return power


def levels_now(time_s: Array, rows: Array, t_s: float, noise: float) -> tuple[float, float, float]:
    """Noise-subtracted RMS of a channel at a moment, over the last of each of `WINDOWS_S`.

    Parameters
    ----------
    time_s : (n,) array
        Times of its hops, not falling.
    rows : (n, 2) array
        The hops, of which the first column are mean squares.
    t_s : float
    noise : float
        As in `rms`.

    Returns
    -------
    tuple of float
        NaN where less than `LEAST_PART` of the window is there, less than half of that is known, or the newest hop is
        older than `STALE_S`.
    """
    loops = hop_kernel()
    if loops is not None:
        told, cue, bar, needle = loops.levels_of(time_s, rows, t_s, noise)
        if told:
            return cue, bar, needle
    stop_s, from_s = t_s + AFTER_S, [t_s - window_s for window_s in WINDOWS_S]
    *firsts, stop = time_s.searchsorted([*from_s, stop_s]).tolist()
    if not stop or time_s[stop - 1] < t_s - STALE_S:
        return math.nan, math.nan, math.nan
    cue, bar, needle = (
        rms(rows[first:stop, 0], noise) if (stop - first) * HOP_S >= LEAST_PART * (stop_s - start_s) else math.nan
        for first, start_s in zip(firsts, from_s, strict=True)
    )
    return cue, bar, needle


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
