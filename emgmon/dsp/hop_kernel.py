"""Hops and levels of one channel compiled by numba; `emgmon.dsp.compiled` hands this out.

Bit by bit the numbers of `emgmon.dsp.envelope`: no fast-math, the order of NumPy's sums, which
``tests/dsp/test_hop_kernel.py`` compares.
"""

from __future__ import annotations

import math

import numpy as np

from emgmon.dsp.cached import compiled
from emgmon.dsp.envelope import AFTER_S, HOP_S, HUGE, LEAST_PART, MOST_COMPILED, STALE_S, WINDOWS_S
from emgmon.dsp.sum_kernel import run_of
from emgmon.model import Array


@compiled
def _mean_square(values: Array, squares: Array) -> float:
    """Mean square of a hop, NaN when less than half of it is there; `squares` is scratch."""
    n = count = len(values)
    for k in range(n):
        squares[k] = values[k] * values[k]
    total = run_of(squares, 0, n)
    if not math.isfinite(total):
        for k in range(n):
            if not abs(values[k]) < HUGE:
                squares[k] = 0.0
                count -= 1
        total = run_of(squares, 0, n)
    return total / max(count, 1) if 2 * count >= n else math.nan


@compiled
def hops_of(filtered: Array, rest: Array, lead: int, out: Array) -> int:
    """Mean squares of the hops that end in these samples; see `emgmon.dsp.envelope.HopPower`.

    `rest` (hop,) holds the `lead` samples of the hop that was begun, and afterwards those of the next one, whose number
    is returned.
    """
    hop = len(rest)
    squares = np.empty(hop)
    done = 0
    for x in filtered:
        rest[lead] = x
        lead += 1
        if lead < hop:
            continue
        lead = 0
        out[done] = _mean_square(rest, squares)
        done += 1
    return lead


@compiled
def hops_at(
    filtered: Array, rest: Array, lead: int, first_s: float, step_s: float, newest_s: float, time_s: Array, rows: Array
) -> int:
    """`hops_of` into the first column of rows (m, 2), at times that begin at `first_s` and are made not to go back."""
    done = (lead + len(filtered)) // len(rest)
    lead = hops_of(filtered, rest, lead, rows[:, 0])
    for k in range(done):
        rows[k, 1] = 0.0
        newest_s = max(newest_s, first_s + k * step_s)
        time_s[k] = newest_s
    return lead


@compiled
def _root(power: Array, n: int, noise: float) -> float:
    """`emgmon.dsp.envelope.rms` of the first n hops, which are changed."""
    total, count = run_of(power, 0, n), n
    if math.isnan(total):
        count = 0
        for k in range(n):
            if math.isfinite(power[k]):
                power[count] = power[k]
                count += 1
        if 2 * count < n:
            return math.nan
        total = run_of(power, 0, count)
    if not count:
        return math.nan
    return math.sqrt(max(total / count - (0.0 if math.isnan(noise) else noise * noise), 0.0))


@compiled
def _count_before(time_s: Array, moment_s: float, n: int) -> int:
    """Count the times before a moment, which is among the last of the first n."""
    while n and time_s[n - 1] >= moment_s:
        n -= 1
    return n


@compiled
def levels_of(time_s: Array, rows: Array, t_s: float, noise: float) -> tuple[bool, float, float, float]:
    """RMS of a channel over the last of each of `WINDOWS_S`, NaN where too few hops are there or the newest is stale.

    `time_s` (n,) and `rows` (n, 2) are the channel's hops. The first value says whether that could be
    told: not of more than `MOST_COMPILED`.
    """
    stop_s = t_s + AFTER_S
    stop = _count_before(time_s, stop_s, len(time_s))
    if not stop or time_s[stop - 1] < t_s - STALE_S:
        return True, math.nan, math.nan, math.nan
    levels = np.empty(3)
    first = stop
    for which in range(3):
        from_s = t_s - WINDOWS_S[which]
        first = _count_before(time_s, from_s, first)
        n = stop - first
        if n > MOST_COMPILED:
            return False, math.nan, math.nan, math.nan
        levels[which] = math.nan
        if n * HOP_S >= LEAST_PART * (stop_s - from_s):
            levels[which] = _root(rows[first:stop, 0].copy(), n, noise)
    return True, levels[0], levels[1], levels[2]


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    hops_of(np.ones(3), np.zeros(2), 0, np.empty(1))
    hops_at(np.ones(3), np.zeros(2), 0, 0.0, 0.5, 0.0, np.empty(1), np.empty((1, 2)))
    levels_of(np.arange(3.0), np.ones((3, 2)), 2.0, 0.0)
