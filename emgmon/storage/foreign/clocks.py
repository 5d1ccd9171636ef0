"""From the times that a file gives its rows to an even grid with holes.

Three kinds of times are met: exact ones, where each step is a whole number of periods; ones that come in bursts or
jitter, as a radio or a phone delivers them; and rows that were repeated to fake a higher rate. Vectorised, no delay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import MAX_VALUES, Index

RATES_HZ = (1.0, 100_000.0)
EPOCH_S = 1e8
"""Times later than this count from a calendar's epoch, not from the start of a session."""

MAX_BACK_S = 0.05

REPEATED_SHARE = 0.5
MIN_RUNS = 50


@dataclass(frozen=True, slots=True)
class Grid:
    """Positions of rows on an even clock, as in `ForeignStream`, and what is to be told of it."""

    fs_hz: float
    start_s: float
    index: Index
    told: tuple[str, ...] = ()


def on_clock(where: str, time_s: Array, nominal_hz: float | None) -> Grid:
    """Put rows with times on an even grid; rows that are missing stay missing.

    Parameters
    ----------
    where : str
        Of file and stream, for messages.
    time_s : (n_rows,) array
        Rising; equal neighbours are a burst, and falling by up to `MAX_BACK_S` is jitter.
    nominal_hz : float or None
        Rate that somebody said. The times are believed where they differ by more than 1 %.

    Raises
    ------
    ImportFailed
        When times are missing or fall, or mean a rate outside `RATES_HZ`.
    """
    if not np.isfinite(time_s).all():
        raise ImportFailed(f"{where}: a time is missing or not a number")
    steps = np.diff(time_s)
    if len(time_s) < 2 or (steps < -MAX_BACK_S).any() or np.mean(steps < 0) > 0.3 or time_s[0] >= time_s[-1]:
        at = int(np.argmax(steps < 0)) + 2 if len(time_s) > 1 else 1
        raise ImportFailed(
            f"{where}: times do not rise at row {at}; name a rate instead ([file] rate_hz = …) or mend them"
        )
    told = []
    if abs(time_s[0]) > EPOCH_S:
        told.append(f"times are counted from the first row, where the file's clock says {time_s[0]:.3f} s")
        time_s = time_s - time_s[0]
    exact = _exact(steps)
    index = exact if exact is not None else _bursts(time_s, steps)
    period_s, start_s = line(index, time_s)
    fs_hz = float(f"{1.0 / period_s:.9g}") if period_s > 0 else 0.0
    if not RATES_HZ[0] <= fs_hz <= RATES_HZ[1]:
        raise ImportFailed(
            f"{where}: its times mean {fs_hz:g} Hz; 1 to 100000 Hz can be imported (is the unit seconds?)"
        )
    if int(index[-1]) > MAX_VALUES:
        raise ImportFailed(f"{where}: its times leap by {float(steps.max()):.0f} s; mend them")
    if nominal_hz is not None and abs(nominal_hz / fs_hz - 1.0) > 0.01:
        told.append(f"the file says {nominal_hz:g} Hz but its times say {fs_hz:.2f} Hz; the times are believed")
    elif nominal_hz is not None and abs(nominal_hz / fs_hz - 1.0) * float(index[-1]) < 0.5:
        fs_hz = nominal_hz
    if exact is None:
        spread_ms = 1e3 * float(np.percentile(np.abs(time_s - start_s - period_s * index), 95))
        told.append(f"times are uneven (95 % within {spread_ms:.1f} ms): put on an even clock of {fs_hz:.2f} Hz")
    missing = int(index[-1] + 1 - len(index))
    if missing:
        told.append(f"{missing} rows are missing by the file's own times")
    return Grid(fs_hz, start_s, index, tuple(told))


def _exact(steps: Array) -> Index | None:
    """Positions where nearly all steps are whole periods; None where they are not."""
    middle_s = float(np.median(steps))
    if middle_s <= 0:
        return None
    period_s = float(steps[steps < 1.5 * middle_s].mean())
    periods = steps / period_s
    whole = np.round(periods)
    if np.mean((np.abs(periods - whole) < 0.25) & (whole >= 1)) < 0.95:
        return None
    for _ in range(2):
        index = _positions(np.maximum(np.round(steps / period_s), 1.0))
        period_s = float((steps.sum()) / index[-1])
    return index


def _positions(moves: Array) -> Index:
    return np.concatenate([[0], np.cumsum(np.minimum(moves, 2.0**40))]).astype(np.int64)


def _bursts(time_s: Array, steps: Array) -> Index:
    """Count rows on, and find holes where the times run ahead of the count and stay there."""
    n = len(time_s)
    lag = max(1, min(n // 10, 1000))
    period_s = float(np.median(time_s[lag:] - time_s[:-lag])) / lag
    if period_s <= 0:
        period_s = float(time_s[-1] - time_s[0]) / (n - 1)
    width = int(np.clip(round(0.5 / period_s), 16, 512)) if period_s > 0 else 16
    leap_s = max(3.0 * period_s, 1.5 * float(np.percentile(steps, 99)))
    leaps = np.flatnonzero(steps > leap_s)[:10_000].tolist()
    for _ in range(2):
        index = _with_holes(time_s, leaps, period_s, width)
        if not leaps:
            break
        period_s = line(index, time_s)[0]
    return index


def _with_holes(time_s: Array, leaps: list[int], period_s: float, width: int) -> Index:
    """Count rows on, and leave out what was lost at each of `leaps` by the medians of `width` rows around it."""
    lost = np.zeros(len(time_s), np.int64)
    edges = [-1, *leaps, len(time_s) - 1]
    for before, at, after in zip(edges, leaps, edges[2:], strict=False) if period_s > 0 else ():
        rows = np.arange(max(before + 1, at + 1 - width), min(after, at + width) + 1)
        ahead_s = time_s[rows] - period_s * rows
        first, second = ahead_s[rows <= at], ahead_s[rows > at]
        jump_s = float(np.median(second) - np.median(first))
        spread_s = float(np.median(np.abs(first - np.median(first))))
        if jump_s > max(2.0 * period_s, 4.0 * spread_s):
            lost[at + 1] = min(round(jump_s / period_s), MAX_VALUES)
    return np.arange(len(time_s), dtype=np.int64) + np.cumsum(lost)


def line(index: Index, time_s: Array) -> tuple[float, float]:
    """Period and start of the line through (index, time), without rows that lie far off it."""
    used = np.ones(len(index), bool)
    period_s, start_s = 0.0, float(time_s[0])
    for _ in range(3):
        x, y = index[used].astype(np.float64), time_s[used]
        middle = x.mean()
        period_s = float(((x - middle) * (y - y.mean())).sum() / max(((x - middle) ** 2).sum(), 1e-300))
        start_s = float(np.median(y - period_s * x))
        off = np.abs(time_s - start_s - period_s * index)
        bound = 4.0 * max(float(np.median(off)), 1e-9)
        used = off <= bound
        if used.sum() < max(2, len(index) // 2):
            break
    return period_s, round(start_s, 9)


def counted(counter: Array) -> Index | None:
    """Positions from a counter that wraps; None where it does not count by one nearly always.

    Parameters
    ----------
    counter : (n_rows,) array
        Whole numbers, for example 0 to 255 again and again.
    """
    if len(counter) < 2 or not np.isfinite(counter).all() or (counter != np.round(counter)).any():
        return None
    steps = np.diff(counter)
    modulus = float(counter.max() - counter.min()) + 1.0
    ahead = np.mod(steps, modulus) if modulus <= 65536 else steps
    if np.mean(ahead == 1.0) < 0.9 or (ahead < 1.0).any():
        return None
    return _positions(ahead)


def new_rows(samples: Array) -> NDArray[np.bool_]:
    """Tell of each row whether any channel differs from the row before; rows of NaN are like one another."""
    changed = (samples[1:] != samples[:-1]) & ~(np.isnan(samples[1:]) & np.isnan(samples[:-1]))
    return np.concatenate([[True], changed.any(axis=1)])


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows that were repeated to fake a higher rate.

    Attributes
    ----------
    rows : (n_true,) integer array
        The first row of each run.
    share : float
        Of rows that repeat the one before.
    grid : Grid or None
        Where the true rows belong; None where they are too uneven for a rate to be found.
    """

    rows: Index
    share: float
    grid: Grid | None


def repeats(samples: Array, fs_hz: float, start_s: float, index: Index, rate_hz: float | None) -> Repeats | None:
    """Find rows that were repeated; None where they were not.

    Parameters
    ----------
    samples : (n_rows, n_channels) array
    fs_hz, start_s, index
        Clock of the rows, as in `ForeignStream`.
    rate_hz : float or None
        The sensor's own rate where somebody said it; used where the true rows come at uneven times.
    """
    rows = np.flatnonzero(new_rows(samples))
    share = 1.0 - len(rows) / len(samples)
    if share < REPEATED_SHARE or len(rows) < MIN_RUNS:
        return None
    if samples.shape[1] == 1 and np.mean(np.diff(rows) == 1) > 0.1:
        return None  # one coarse channel stands still by itself
    time_s = start_s + index[rows] / fs_hz
    steps = np.diff(time_s)
    period_s = float(np.median(steps))
    if np.mean(np.abs(steps / period_s - 1.0) < 0.3) > 0.8:
        grid = on_clock("", time_s, None)
        return Repeats(rows, share, Grid(grid.fs_hz, float(time_s[0]), grid.index))
    mean_hz = (len(rows) - 1) / float(time_s[-1] - time_s[0])
    if rate_hz is None or not mean_hz <= 1.02 * rate_hz < fs_hz:
        return Repeats(rows, share, None)
    slots = np.round((time_s - time_s[0]) * rate_hz).astype(np.int64)
    ahead = np.maximum.accumulate(slots - np.arange(len(slots)))
    return Repeats(rows, share, Grid(rate_hz, float(time_s[0]), ahead + np.arange(len(slots))))
