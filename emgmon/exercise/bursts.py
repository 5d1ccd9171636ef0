"""Repetitions in the bursts of the muscles, where no sensor of motion sees them; offline, less sure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy

from emgmon.model import Array, Rep


def find_cycles(time_s: Array, level: Array, min_cycle_s: float, max_cycle_s: float) -> list[Rep]:
    """Cycles of a rhythmic movement from the muscles' own bursts; offline, no delay, less sure than an IMU.

    Parameters
    ----------
    time_s, level : (n,) array
        Evenly spaced sum of envelopes, each scaled to its own peak; NaN where lost.
    min_cycle_s, max_cycle_s : float
        Shortest and longest cycle that is believed.

    Returns
    -------
    list of Rep
        Each from the start of one burst (half way up) to the start of the next; `top_s` = `release_s` = its peak.
    """
    if len(time_s) < 50:
        return []
    step_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    sos = scipy.signal.butter(2, min(3.0 / min_cycle_s, 0.4 / step_s), fs=1 / step_s, output="sos")
    smooth = scipy.signal.sosfiltfilt(sos, np.nan_to_num(level))
    low, high = np.percentile(smooth, [5, 95])
    peaks, _shape = scipy.signal.find_peaks(smooth, prominence=0.4 * (high - low), distance=round(min_cycle_s / step_s))
    starts: list[tuple[int, int]] = []
    floor = 0
    for peak in peaks.tolist():
        valley = floor + int(np.argmin(smooth[floor : peak + 1]))
        half = 0.5 * (smooth[valley] + smooth[peak])
        rise = np.flatnonzero(smooth[valley : peak + 1] >= half)
        if valley > 0 or smooth[0] < half:
            starts.append((valley + int(rise[0]), peak))
        floor = peak
    cycles = [
        (float(time_s[a]), float(time_s[peak]), float(time_s[b]))
        for (a, peak), (b, _next) in pairwise(starts)
        if min_cycle_s <= time_s[b] - time_s[a] <= max_cycle_s
    ]
    return [Rep(k, start, peak, peak, end, source="emg") for k, (start, peak, end) in enumerate(cycles, 1)]


REST_SHARE, ACTIVE_SHARE = 0.25, 0.45
"""Of the way from quiet to busy: below the first a burst ends, above the second it is one."""

PAUSE_S = 0.5


def find_bursts(time_s: Array, level: Array, min_s: float, max_s: float) -> list[Rep]:
    """Repetitions with a rest between them, from the muscles' bursts; offline, no delay, less sure than a sensor.

    Parameters
    ----------
    time_s, level : (n,) array
        Evenly spaced sum of envelopes, each scaled to its own peak; NaN where lost.
    min_s, max_s : float
        Shortest and longest repetition that is believed.

    Returns
    -------
    list of Rep
        From the start to the end of each burst, with pauses of less than half a second merged; ``source`` is ``emg``
        and `top_s` = `release_s` = its middle, because phases cannot be told.
    """
    if len(time_s) < 50:
        return []
    step_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    sos = scipy.signal.butter(2, min(1.0, 0.4 / step_s), fs=1 / step_s, output="sos")
    smooth = scipy.signal.sosfiltfilt(sos, np.nan_to_num(level))
    quiet, busy = np.percentile(smooth, [10, 90])
    if busy - quiet <= 0.25 * busy:
        return []
    on = smooth > quiet + REST_SHARE * (busy - quiet)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    runs: list[list[int]] = []
    for first, stop in edges.reshape(-1, 2).tolist():
        if runs and (first - runs[-1][1]) * step_s < PAUSE_S:
            runs[-1][1] = stop
        else:
            runs.append([first, stop])
    whole = [
        (float(time_s[first]), float(time_s[stop - 1]))
        for first, stop in runs
        if first > 0 and stop < len(time_s) and smooth[first:stop].max() > quiet + ACTIVE_SHARE * (busy - quiet)
    ]
    kept = [(start_s, end_s) for start_s, end_s in whole if min_s <= end_s - start_s <= max_s]
    return [
        Rep(k, start_s, (start_s + end_s) / 2, (start_s + end_s) / 2, end_s, source="emg")
        for k, (start_s, end_s) in enumerate(kept, 1)
    ]
