"""The envelope of each channel over one phase, for numbers that need its course and not only its level."""

from __future__ import annotations

import math

import numpy as np

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.metrics.base import Level, RepSignals
from emgmon.model import Array, Placement

HALF_HOPS = 6
"""Hops on each side of the middle one: a window of 130 ms, no delay."""

LOST = "signal lost"

PEAK_HOPS = round(0.5 / HOP_S)
"""The window of references, so that a peak and what it is divided by are inflated by chance alike."""


def envelope(signals: RepSignals, place: Placement, phase: str) -> Array | Level:
    """Centred moving RMS of one channel at each hop of a phase, noise subtracted.

    Parameters
    ----------
    signals : RepSignals
    place : Placement
    phase : str

    Returns
    -------
    (n,) array or Level
        One value each 10 ms, >= 0, as `RepSignals.level`: a fraction of the reference or the channel's unit. Lost hops
        are bridged. A `Level` without value when too much is lost.
    """
    lost = signals.lost(place, phase)
    if lost:
        return Level(math.nan, lost)
    start_s, stop_s = signals.rep.bounds_s(phase)
    series = signals.series[place]
    first, last = (int(row) for row in np.searchsorted(series.time_s, (start_s, stop_s)))
    begin, end = max(first - HALF_HOPS, 0), min(last + HALF_HOPS, len(series.power))
    power = np.full(last - first + 2 * HALF_HOPS, math.nan)
    power[begin - first + HALF_HOPS : end - first + HALF_HOPS] = series.power[begin:end]
    level = moving_rms(power, 2 * HALF_HOPS + 1, signals.noise.get(place, math.nan)) / signals.scale(place)
    there = np.isfinite(level)
    if not there.any():
        return Level(math.nan, LOST)
    rows = np.arange(len(level), dtype=np.float64)
    return np.asarray(np.interp(rows, rows[there], level[there]), np.float64)


def peak_s(signals: RepSignals, place: Placement, phase: str) -> float | Level:
    """Middle of the 500 ms with the largest RMS inside a phase, on the session clock.

    Returns
    -------
    float or Level
        s, no delay; a `Level` without value when the phase is shorter or too much is lost.
    """
    lost = signals.lost(place, phase)
    if lost:
        return Level(math.nan, lost)
    start_s, stop_s = signals.rep.bounds_s(phase)
    series = signals.series[place]
    first = int(np.searchsorted(series.time_s, start_s))
    power = series.between(start_s, stop_s)
    windows = moving_rms(power, PEAK_HOPS, signals.noise.get(place, math.nan))
    if not np.isfinite(windows).any():
        return Level(math.nan, LOST if len(windows) else "phase too short")
    best = first + int(np.argmax(np.where(np.isfinite(windows), windows, -1.0)))
    return 0.5 * float(series.time_s[best] + series.time_s[best + PEAK_HOPS - 1])


def group_envelope(signals: RepSignals, group: str, side: str, phase: str) -> Array | Level:
    """Envelope of a group on one side: the geometric mean, hop by hop, where two of its muscles are worn."""
    worn = [place for place in signals.series if place.group == group and place.side == side]
    if not worn:
        return Level(math.nan, "not worn")
    product: Array | None = None
    for place in worn:
        found = envelope(signals, place, phase)
        if isinstance(found, Level):
            return found
        n = len(found) if product is None else min(len(found), len(product))
        product = found if product is None else product[:n] * found[:n]
    return np.asarray(product ** (1.0 / len(worn)), np.float64) if product is not None else Level(math.nan, LOST)
