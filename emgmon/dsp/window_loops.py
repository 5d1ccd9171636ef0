"""The functions of `emgmon.dsp.windows` as loops for numba (`emgmon.dsp.verdict_kernel`): the same bits.

`seen` is what `emgmon.dsp.seconds.Seconds.handed` tells: raw samples, samples of a window, width of a bin, power
without mains and with it, power around the lines of the mains and spectra at them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from emgmon.dsp.verdict_names import (
    NEAR_ALL,
    NEAR_AT,
    NEAR_BESIDE,
    NEAR_COUNT,
    NEAR_EXTREME,
    NEAR_WIDTH,
    Table,
    Vector,
)


def longest_same(seen: Any, k: int) -> int:
    """See `emgmon.dsp.windows.longest_same`."""
    raw, size = seen[0], seen[1]
    longest = run = 0
    last = math.nan
    for j in range(k * (size // 4), k * (size // 4) + size):
        x = raw[j]
        if x != x:  # noqa: PLR0124 NaN
            continue
        run = run + 1 if x == last else 0
        longest, last = max(longest, run), x
    return longest


def longest_gap(seen: Any, k: int) -> int:
    """See `emgmon.dsp.windows.longest_gap`."""
    raw, size = seen[0], seen[1]
    longest = run = 0
    for j in range(k * (size // 4), k * (size // 4) + size):
        run = run + 1 if raw[j] != raw[j] else 0
        longest = max(longest, run)
    return longest


def at_full(seen: Any, k: int, full: float) -> float:
    """See `emgmon.dsp.windows.at_full`."""
    raw, size, count = seen[0], seen[1], 0.0
    for j in range(k * (size // 4), k * (size // 4) + size):
        if abs(raw[j]) >= full:
            count += 1.0
    return count


def counts_at(seen: Any, near: Table, n: int) -> None:
    """See `emgmon.dsp.windows.counts_at`."""
    raw, size = seen[0], seen[1]
    hop = size // 4
    for row in range(n):
        begin, extreme, width = int(near[NEAR_AT][row]) * hop, near[NEAR_EXTREME][row], near[NEAR_WIDTH][row]
        count = beside = every = 0
        for j in range(begin, begin + size - hop):
            every += 1 if raw[j] == extreme else 0
        for j in range(begin + size - hop, begin + size):
            count += 1 if raw[j] == extreme else 0
            beside += 1 if abs(raw[j] - extreme) <= width else 0
        near[NEAR_COUNT][row], near[NEAR_BESIDE][row] = float(count), float(beside - count)
        near[NEAR_ALL][row] = float(every + count)


def in_runs(seen: Any, k: int, value: float, least: int) -> float:
    """See `emgmon.dsp.windows.in_runs`."""
    raw, size = seen[0], seen[1]
    total = run = 0
    for j in range(k * (size // 4), k * (size // 4) + size):
        x = raw[j]
        if x == value:
            run += 1
        elif x == x:  # noqa: PLR0124 NaN
            total += run if run >= least else 0
            run = 0
    total += run if run >= least else 0
    return float(total)


def step_of(seen: Any, k: int, apart: int) -> float:
    """See `emgmon.dsp.windows.step_of`."""
    raw, size = seen[0], seen[1]
    hop = size // 4
    begin, middles = k * hop, np.zeros(2)
    for side in range(2):
        at = begin + 3 * hop * side
        ordered = np.sort(raw[at : at + hop])  # NaN behind
        n = 0
        while n < hop and ordered[n] == ordered[n]:
            n += 1
        if n * 2 < hop:
            return 0.0
        half = n // 2
        middles[side] = ordered[half] if n % 2 else (ordered[half - 1] + ordered[half]) / 2.0
    step: float = abs(middles[1] - middles[0])
    for j in range(begin, begin + size - apart):
        if step > 0.0 and abs(raw[j + apart] - raw[j]) >= 0.5 * step:
            return step
    return 0.0


def line_at(seen: Any, k: int, f0_hz: float, harmonics: int, cleaned: bool) -> float:
    """See `emgmon.dsp.windows.line_at`."""
    row, bin_hz, total = seen[3][k] if cleaned else seen[4][k], seen[2], 0.0
    for harmonic in range(1, harmonics + 1):
        at = round(harmonic * f0_hz / bin_hz)
        if at + 9 <= 0.9 * len(row):
            below = row[at - 8] + row[at - 7] + row[at - 6] + row[at - 5] + row[at - 4]
            above = row[at + 4] + row[at + 5] + row[at + 6] + row[at + 7] + row[at + 8]
            five = row[at - 2] + row[at - 1] + row[at] + row[at + 1] + row[at + 2]
            total += max(five - 5.0 * (0.1 * (below + above)), 0.0)
    rms: float = math.sqrt(total)
    return rms


def keep(seen: Any, k: int, rings: Any, end: int, windows: int, number: float) -> int:
    """See `emgmon.dsp.windows.keep`; loops, as assigning arrays to each other takes numba seconds to compile."""
    near, tops = rings
    if end == len(near):
        for row in range(windows):
            copy_to(near[row], tops[row], near[end - windows + row], tops[end - windows + row])
        end = windows
    copy_to(near[end], tops[end], seen[5][k], seen[6][k])
    tops[end, 12] = number
    return end + 1


def copy_to(near: Any, top: Vector, other_near: Any, other_top: Vector) -> None:
    """Copy one window's powers around lines, and spectra at them."""
    for line in range(near.shape[0]):
        for j in range(near.shape[1]):
            near[line, j] = other_near[line, j]
    for j in range(len(other_top)):
        top[j] = other_top[j]


def means_of(rings: Any, first: int, stop: int) -> Any:
    """See `emgmon.dsp.windows.means_of`."""
    near = rings[0]
    means = near[first].copy()
    for k in range(first + 1, stop):
        for line in range(near.shape[1]):
            for j in range(near.shape[2]):
                means[line, j] += near[k, line, j]
    for line in range(near.shape[1]):
        for j in range(near.shape[2]):
            means[line, j] /= stop - first
    return means


def tops_of(rings: Any, first: int, stop: int) -> Any:
    """See `emgmon.dsp.windows.tops_of`."""
    return rings[1][first:stop]


def middle_of_ten(row: Vector) -> float:
    """See `emgmon.dsp.windows.middle_of_ten`."""
    ordered = np.empty(10)
    for k in range(10):
        value, at = row[k] if k < 5 else row[k + 7], k
        while at > 0 and ordered[at - 1] > value:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = value
    middle: float = (ordered[4] + ordered[5]) / 2.0
    return middle


def median_left(values: Vector, n: int) -> float:
    """See `emgmon.dsp.windows.median_left`."""
    ordered = np.sort(values[:n])
    middle: float = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2.0
    return middle


def tenth(came: Vector, ordered: Vector, count: int, value: float) -> float:
    """See `emgmon.dsp.windows.tenth`."""
    n, at = len(came), len(came) - 1
    if count >= n:
        low, old = 0, came[count % n]
        while low < at:
            half = (low + at) // 2
            if ordered[half] < old:
                low = half + 1
            else:
                at = half
    came[count % n] = value
    while at > 0 and ordered[at - 1] > value:
        ordered[at] = ordered[at - 1]
        at -= 1
    while at < n - 1 and ordered[at + 1] < value:
        ordered[at] = ordered[at + 1]
        at += 1
    ordered[at] = value
    found: float = ordered[min(count + 1, n) // 10]
    return found
