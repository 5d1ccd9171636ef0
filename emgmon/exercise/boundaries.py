"""Where a repetition and its phases begin and end, on all samples that came; offline over the rep."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp import zero_phase
from emgmon.model import Array, Rep

TICK_S = 0.020
Ticks = NDArray[np.intp]

GENTLE_S, GENTLE = 0.2, 0.2
"""Movements around a pause end and begin so gently that this much more of them looks like it: at least the first, and
this share of their lengths."""


@dataclass(frozen=True, slots=True)
class RepSettings:
    """Thresholds of the rep finder.

    Attributes
    ----------
    lowpass_hz : float
        Of the inclination; lags it by about 45 ms.
    start_dps, hold_dps : float
        Faster than the first is moving, slower than the second is holding.
    start_level, hold_level, end_level : float
        As shares of the range: what a lift must pass, where a hold may begin, and below which a rep may end.
    slow_level, fast_level, reach_s : float
        Shares of a movement's top speed through which its ends are sought, and how far beyond the first they may lie.
    start_s, hold_s, end_s : float
        How long each condition must last.
    away_level, away_s : float
        Below this share of the range, and after this time, a rep ends too: the person came to rest in another pose.
    min_s, max_s : float
        Shortest and longest rep.
    settle_s : float
        Wait after the end of a rep before its boundaries are refined.
    gap_s : float
        A longer stretch without samples tears the rep in which it lies.
    pause_s : float
        A shorter pause belongs to the movement around it.
    partial_level : float
        A movement with less than this share of the person's own range is no rep, but a partial one.
    """

    lowpass_hz: float = 5.0
    start_dps: float = 6.0
    hold_dps: float = 5.0
    start_level: float = 0.15
    hold_level: float = 0.80
    end_level: float = 0.20
    away_level: float = 0.45
    slow_level: float = 0.15
    fast_level: float = 0.40
    reach_s: float = 0.5
    start_s: float = 0.10
    hold_s: float = 0.25
    end_s: float = 0.15
    away_s: float = 0.40
    min_s: float = 0.8
    max_s: float = 15.0
    settle_s: float = 0.3
    gap_s: float = 0.5
    pause_s: float = 0.3
    partial_level: float = 0.6


def refine(time_s: Array, angle_deg: Array, inside_s: float, settings: RepSettings) -> tuple[Rep, float] | None:
    """Boundaries of the rep around one moment, on the zero-phase signal; offline over the rep, no delay.

    A person starts and stops gently: any threshold on angle or speed is passed 0.1 to 0.3 s inside the movement. Where
    the speed passes two levels says how gently, and so where it began, if it grows as in movements of least jerk
    (Flash & Hogan 1985, doi:10.1523/JNEUROSCI.05-07-01688.1985). The way out is the movement
    that passes half of the range for the last time before the top, the way back the first after it; pauses of less
    than `RepSettings.pause_s` belong to them.

    Parameters
    ----------
    time_s, angle_deg : (n,) array
        Excursion each `TICK_S` from before the way out to after the way back.
    inside_s : float
        A moment during the way out.
    settings : RepSettings

    Returns
    -------
    Rep and float, or None
        The rep, with index 0, and its range in degrees. Without a hold, top and release are the same moment.
    """
    if len(time_s) < 20 or not np.isfinite(angle_deg).all():
        return None
    smooth = smoothed(angle_deg, settings)
    inside = min(int(np.searchsorted(time_s, inside_s)), len(time_s) - 1)
    base, peak = float(smooth[: inside + 1].min()), float(smooth[inside:].max())
    high = inside + np.flatnonzero(smooth[inside:] >= base + settings.hold_level * (peak - base))
    middle = int(high[0] + high[-1]) // 2
    speed_dps = np.gradient(smooth, TICK_S)
    low = smooth < base + 0.5 * (peak - base)
    before, after = np.flatnonzero(low[:middle]), np.flatnonzero(low[middle:])
    lift = edges(speed_dps[:middle], int(before[-1]) if len(before) else 0, settings)
    lower = edges(-speed_dps[middle:], int(after[0]) if len(after) else 0, settings)
    if lift is None or lower is None:
        return None
    start, top = (float(time_s[0]) + TICK_S * edge for edge in lift)
    release, end = (float(time_s[0]) + TICK_S * (middle + edge) for edge in lower)
    if release < top:
        top = release = (top + release) / 2
    return Rep(0, start, top, release, end), peak - base


def smoothed(angle_deg: Array, settings: RepSettings) -> Array:
    """Low-pass a course (n,) that has an angle each `TICK_S`, n at least 20; zero phase."""
    return zero_phase.smoothed(angle_deg, settings.lowpass_hz, 1 / TICK_S, min(15, len(angle_deg) - 1))


def edges(speed_dps: Array, inside: int, settings: RepSettings) -> tuple[float, float] | None:
    """Where the movement that goes on at one tick begins and ends, in ticks; None when there is none."""
    top = float(speed_dps.max(initial=0.0))
    if top <= settings.start_dps:
        return None
    slow, fast = (np.flatnonzero(speed_dps >= level * top) for level in (settings.slow_level, settings.fast_level))
    runs: list[Ticks] = []
    for run in np.split(slow, np.flatnonzero(np.diff(slow) > 1) + 1):
        if runs and run[0] - runs[-1][-1] <= _pause(runs[-1], run, settings):
            runs[-1] = np.concatenate([runs[-1], run])
        else:
            runs.append(run)
    run = min(runs, key=lambda ticks: max(int(ticks[0]) - inside, inside - int(ticks[-1]), 0))
    within = fast[(fast >= run[0]) & (fast <= run[-1])]
    if not len(within):
        return float(run[0]), float(run[-1])
    slow_share, fast_share = (_share(level) for level in (settings.slow_level, settings.fast_level))
    reach = slow_share / (fast_share - slow_share)
    begin = run[0] - min(reach * (within[0] - run[0]), settings.reach_s / TICK_S)
    end = run[-1] + min(reach * (run[-1] - within[-1]), settings.reach_s / TICK_S)
    return max(float(begin), 0.0), min(float(end), len(speed_dps) - 1.0)


def _share(level: float) -> float:
    """Return after which share of its length a minimum-jerk movement has this share of its top speed."""
    return (1.0 - math.sqrt(1.0 - math.sqrt(level))) / 2.0


def _pause(before: Ticks, after: Ticks, settings: RepSettings) -> float:
    """Longest pause, in ticks, that joins two stretches of moving (their ticks) into one movement."""
    gentle = GENTLE * (before[-1] - before[0] + after[-1] - after[0])
    return float(settings.pause_s / TICK_S + max(GENTLE_S / TICK_S, gentle))
