"""What `emgmon.dsp.verdict_loops` asks of a window's samples and spectrum and of its own past, with NumPy and lists.

Compiled, those of `emgmon.dsp.window_loops` take the place of each. `seen` is an `emgmon.dsp.seconds.Seconds`.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.contact import median_of
from emgmon.model import Array

if TYPE_CHECKING:
    from emgmon.dsp.seconds import Seconds

Flags = NDArray[np.bool_]


def longest_same(seen: Seconds, k: int) -> int:
    """Neighbours in a row that do not differ, in window k without what is lost."""
    values = seen.raw[k]
    return _longest(np.diff(values[np.isfinite(values)]) == 0.0)


def longest_gap(seen: Seconds, k: int) -> int:
    """Lost samples in a row in window k."""
    return _longest(np.isnan(seen.raw[k]))


def at_full(seen: Seconds, k: int, full: float) -> float:
    """Count samples of window k whose magnitude is so much or more."""
    return float((np.abs(seen.raw[k]) >= full).sum())


def counts_at(seen: Seconds, near: list[list[float]], n: int) -> None:
    """Count samples at an extreme and beside it in the newest quarter, and at it in all, of n windows."""
    if not n:
        return
    where, extreme, width = [row[:n] for row in (near[0], near[2], near[3])]
    rows, extremes = seen.raw[np.array(where, np.int64)], np.array(extreme)[:, None]
    newest = rows[:, -(rows.shape[1] // 4) :]
    at = (newest == extremes).sum(axis=1)
    beside = (np.abs(newest - extremes) <= np.array(width)[:, None]).sum(axis=1) - at
    for row, count in zip(near[4:], (at, beside, (rows == extremes).sum(axis=1)), strict=True):
        row[:n] = count.tolist()


def in_runs(seen: Seconds, k: int, value: float, least: int) -> float:
    """How many samples of window k are a value in runs of at least so many, without what is lost."""
    values = seen.raw[k]
    lengths = _runs(values[np.isfinite(values)] == value)
    return float(lengths[lengths >= least].sum())


def step_of(seen: Seconds, k: int, apart: int) -> float:
    """Step of the offset from the first to the last quarter of window k, if it came at once; otherwise 0."""
    raw = seen.raw[k]
    quarter = len(raw) // 4
    before, after = raw[:quarter], raw[-quarter:]
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if len(before) * 2 < quarter or len(after) * 2 < quarter:
        return 0.0
    step = abs(median_of(after) - median_of(before))
    jumps = np.abs(raw[apart:] - raw[:-apart])
    return step if step > 0.0 and float(np.fmax.reduce(jumps, initial=0.0)) >= 0.5 * step else 0.0


def line_at(seen: Seconds, k: int, f0_hz: float, harmonics: int, cleaned: bool) -> float:
    """RMS of a line and so many harmonics in window k, without mains or with it."""
    return seen.line_rms(f0_hz, harmonics, cleaned)[k]


def keep(seen: Seconds, k: int, rings: tuple[Array, Array], end: int, windows: int, number: float) -> int:
    """Keep what is around the lines of the mains in window k behind what is kept; returns the end of it."""
    near, tops = rings
    if end == len(near):
        near[:windows], tops[:windows] = near[-windows:], tops[-windows:]
        end = windows
    near[end], tops[end, :12], tops[end, 12] = seen.lines.near[k], seen.lines.tops[k], number
    return end + 1


def means_of(rings: tuple[Array, Array], first: int, stop: int) -> list[list[float]]:
    """Mean power around each line of some relaxed windows."""
    means: list[list[float]] = (np.add.reduce(rings[0][first:stop]) / (stop - first)).tolist()
    return means


def tops_of(rings: tuple[Array, Array], first: int, stop: int) -> list[list[float]]:
    """Spectra at the lines of some relaxed windows."""
    rows: list[list[float]] = rings[1][first:stop].tolist()
    return rows


def middle_of_ten(row: list[float]) -> float:
    """Median of the ten values of 17 beside a line."""
    ordered = sorted(row[:5] + row[12:])
    return (ordered[4] + ordered[5]) / 2.0


def median_left(values: list[float], n: int) -> float:
    """Median of the first n."""
    return statistics.median(values[:n])


def tenth(came: list[float], ordered: list[float], count: int, value: float) -> float:
    """Put a number in the place of the oldest, of which `count` came before; returns that below which a tenth lies.

    `ordered` has infinities behind as long as there are fewer numbers than places.
    """
    n = len(came)
    if count < n:
        ordered.pop()
    else:
        del ordered[bisect_left(ordered, came[count % n])]
    came[count % n] = value
    insort(ordered, value)
    return ordered[min(count + 1, n) // 10]


def _runs(flags: Flags) -> NDArray[np.int64]:
    """Lengths of the runs of true."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.asarray((edges == -1).nonzero()[0] - (edges == 1).nonzero()[0])


def _longest(flags: Flags) -> int:
    return int(_runs(flags).max(initial=0))
