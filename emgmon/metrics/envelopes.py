"""The envelope of each channel over one phase, for numbers that need its course and not only its level."""

from __future__ import annotations

import math

import numpy as np

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.exercise.reference import WINDOW_S
from emgmon.metrics.base import LOST, Channel, Level, RepSignals, joined, once
from emgmon.model import Array

HALF_HOPS = 6
"""Hops on each side of the middle one: a window of 130 ms, no delay."""

PEAK_HOPS = round(WINDOW_S / HOP_S)
"""The window of references, so that a peak and what it is divided by are inflated by chance alike."""


@once
def envelope(channel: Channel, phase: str) -> Array | Level:
    """Centred moving RMS of one channel at each hop of a phase, noise subtracted.

    Parameters
    ----------
    channel : Channel
    phase : str

    Returns
    -------
    (n,) array or Level
        One value each 10 ms, >= 0, as `RepSignals.level`: a fraction of the reference or the channel's unit. Lost hops
        are bridged. A `Level` without value when too much is lost.
    """
    part = channel.part(phase)
    if part.lost:
        return Level(math.nan, part.lost)
    begin, course, whole = _course(channel)
    level = course[part.rows.start - begin : part.rows.stop - begin]
    if whole:
        return level
    there = np.isfinite(level)
    if there.all():
        return level
    if not there.any():
        return Level(math.nan, LOST)
    at = np.arange(len(level), dtype=np.float64)
    return np.asarray(np.interp(at, at[there], level[there]), np.float64)


def _reach(channel: Channel) -> tuple[int, int]:
    """First hop of all phases of one channel, and the one after the last."""
    each = channel.rows().values()
    return min(rows.start for rows in each), max(rows.stop for rows in each)


@once
def _course(channel: Channel) -> tuple[int, Array, bool]:
    """First hop of a rep, the moving RMS around each of its hops, NaN where too much is lost, and whether none is."""
    first, last = _reach(channel)
    there = channel.series.power
    begin, end = max(first - HALF_HOPS, 0), min(last + HALF_HOPS, len(there))
    power = np.full(last - first + 2 * HALF_HOPS, math.nan)
    power[begin - first + HALF_HOPS : end - first + HALF_HOPS] = there[begin:end]
    level = moving_rms(power, 2 * HALF_HOPS + 1, channel.noise) / channel.scale
    return first, level, bool(np.isfinite(level).all())


@once
def _windows(channel: Channel) -> tuple[int, Array]:
    """First hop of a rep, and the RMS of the 500 ms that begin at each of its hops, -1 where too much is lost."""
    first, last = _reach(channel)
    level = moving_rms(channel.series.power[first:last], PEAK_HOPS, channel.noise)
    return first, np.where(np.isfinite(level), level, -1.0)


@once
def _strongest(channel: Channel, phase: str) -> tuple[int, float] | Level:
    """First hop of the 500 ms with the largest RMS inside a phase, and that in the channel's unit; or why none is."""
    part = channel.part(phase)
    if part.lost:
        return Level(math.nan, part.lost)
    rows = part.rows
    if rows.stop - rows.start < PEAK_HOPS:
        return Level(math.nan, "phase too short")
    first, windows = _windows(channel)
    inside = windows[rows.start - first : rows.stop - PEAK_HOPS + 1 - first]
    best = int(inside.argmax())
    value = float(inside[best])
    return (rows.start + best, value) if value >= 0.0 else Level(math.nan, LOST)


def peak(channel: Channel, phase: str) -> Level:
    """Largest noise-subtracted RMS over 500 ms in a phase, as a reference is taken; unit as `RepSignals.level`."""
    found = _strongest(channel, phase)
    if isinstance(found, Level):
        return found
    return Level(found[1] / channel.scale, joined(channel.part(phase).own_flag, channel.reference_flag))


def peak_s(channel: Channel, phase: str) -> float | Level:
    """Middle of the 500 ms with the largest RMS inside a phase, on the session clock.

    Returns
    -------
    float or Level
        s, no delay; a `Level` without value when the phase is shorter or too much is lost.
    """
    found = _strongest(channel, phase)
    if isinstance(found, Level):
        return found
    best, time_s = found[0], channel.series.time_s
    return 0.5 * float(time_s[best] + time_s[best + PEAK_HOPS - 1])


@once
def group_envelope(signals: RepSignals, group: str, side: str, phase: str) -> Array | Level:
    """Envelope of a group on one side: the geometric mean, hop by hop, where two of its muscles are worn."""
    worn = signals.worn(group, side)
    if not worn:
        return Level(math.nan, "not worn")
    product: Array | None = None
    for channel in worn:
        found = envelope(channel, phase)
        if isinstance(found, Level):
            return found
        n = len(found) if product is None else min(len(found), len(product))
        product = found if product is None else product[:n] * found[:n]
    return np.asarray(product ** (1.0 / len(worn)), np.float64) if product is not None else Level(math.nan, LOST)
