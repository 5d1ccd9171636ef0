"""The envelope of each channel over one phase, for numbers that need its course and not only its level."""

from __future__ import annotations

import math

import numpy as np

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.exercise.reference import WINDOW_S
from emgmon.metrics.base import Level, RepSignals, joined, once
from emgmon.model import Array, Placement

HALF_HOPS = 6
"""Hops on each side of the middle one: a window of 130 ms, no delay."""

LOST = "signal lost"

PEAK_HOPS = round(WINDOW_S / HOP_S)
"""The window of references, so that a peak and what it is divided by are inflated by chance alike."""


@once
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
    rows = signals.rows(place, phase)
    begin, course = _course(signals, place)
    level = course[rows.start - begin : rows.stop - begin]
    there = np.isfinite(level)
    if there.all():
        return level if len(level) else Level(math.nan, LOST)
    if not there.any():
        return Level(math.nan, LOST)
    at = np.arange(len(level), dtype=np.float64)
    return np.asarray(np.interp(at, at[there], level[there]), np.float64)


@once
def _reach(signals: RepSignals, place: Placement) -> tuple[int, int]:
    """First hop of all phases of one channel, and the one after the last."""
    each = [signals.rows(place, phase) for phase in {*signals.phases, "act"}]
    return min(rows.start for rows in each), max(rows.stop for rows in each)


@once
def _course(signals: RepSignals, place: Placement) -> tuple[int, Array]:
    """First hop of a rep, and the moving RMS around each of its hops, NaN where too much is lost."""
    first, last = _reach(signals, place)
    series = signals.series[place]
    begin, end = max(first - HALF_HOPS, 0), min(last + HALF_HOPS, len(series.power))
    power = np.full(last - first + 2 * HALF_HOPS, math.nan)
    power[begin - first + HALF_HOPS : end - first + HALF_HOPS] = series.power[begin:end]
    level = moving_rms(power, 2 * HALF_HOPS + 1, signals.noise.get(place, math.nan))
    return first, level / signals.scale(place)


@once
def _windows(signals: RepSignals, place: Placement) -> tuple[int, Array]:
    """First hop of a rep, and the RMS of the 500 ms that begin at each of its hops."""
    first, last = _reach(signals, place)
    power = signals.series[place].power[first:last]
    return first, moving_rms(power, PEAK_HOPS, signals.noise.get(place, math.nan))


def _strongest(signals: RepSignals, place: Placement, phase: str) -> tuple[int, float] | Level:
    """First hop of the 500 ms with the largest RMS inside a phase, and that in the channel's unit; or why none is."""
    lost = signals.lost(place, phase)
    if lost:
        return Level(math.nan, lost)
    rows = signals.rows(place, phase)
    if rows.stop - rows.start < PEAK_HOPS:
        return Level(math.nan, "phase too short")
    first, windows = _windows(signals, place)
    inside = windows[rows.start - first : rows.stop - PEAK_HOPS + 1 - first]
    best = int(np.argmax(np.where(np.isfinite(inside), inside, -1.0)))
    if not math.isfinite(inside[best]):
        return Level(math.nan, LOST)
    return rows.start + best, float(inside[best])


@once
def peak(signals: RepSignals, place: Placement, phase: str) -> Level:
    """Largest noise-subtracted RMS over 500 ms in a phase, as a reference is taken; unit as `RepSignals.level`."""
    found = _strongest(signals, place, phase)
    if isinstance(found, Level):
        return found
    own = ">=" if signals.cut_off(place, phase) else ""
    return Level(found[1] / signals.scale(place), joined(own, signals.reference_flag(place)))


def peak_s(signals: RepSignals, place: Placement, phase: str) -> float | Level:
    """Middle of the 500 ms with the largest RMS inside a phase, on the session clock.

    Returns
    -------
    float or Level
        s, no delay; a `Level` without value when the phase is shorter or too much is lost.
    """
    found = _strongest(signals, place, phase)
    if isinstance(found, Level):
        return found
    best, time_s = found[0], signals.series[place].time_s
    return 0.5 * float(time_s[best] + time_s[best + PEAK_HOPS - 1])


@once
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
