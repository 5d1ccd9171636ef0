"""How much: the amplitude of each channel in each phase, as a share of its reference where there is one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from emgmon.dsp.envelope import HOP_S
from emgmon.metrics import envelopes
from emgmon.metrics.base import LOD_NOISE, MAX_LOST, Level, Metric, RepSignals, ratio_flag
from emgmon.metrics.envelopes import LOST, envelope
from emgmon.model import Placement, Value

GAUSSIAN_RMS = math.sqrt(math.pi / 2.0)
"""RMS of Gaussian noise whose rectified mean is 1."""


def _each(
    signals: RepSignals, name: str, number: Callable[[RepSignals, Placement, str], Level], per: str = ""
) -> list[Value]:
    return [
        Value(name, phase, str(place), found.value, signals.unit(place) + per, found.flag)
        for place in signals.series
        for phase in signals.phases
        for found in [number(signals, place, phase)]
    ]


def level(signals: RepSignals) -> list[Value]:
    """Noise-subtracted RMS of each channel over each phase."""
    return _each(signals, "level", RepSignals.level)


def peak(signals: RepSignals) -> list[Value]:
    """Largest noise-subtracted RMS over 500 ms inside each phase."""
    return _each(signals, "peak", _peak)


def _peak(signals: RepSignals, place: Placement, phase: str) -> Level:
    found = envelopes.peak(signals, place, phase)
    return found if math.isnan(found.value) else _censored(signals, place, found)


def _censored(signals: RepSignals, place: Placement, found: Level) -> Level:
    """Hold an amplitude against the limit of detection, as `RepSignals.level` does."""
    limit = LOD_NOISE * signals.noise.get(place, math.nan) / signals.scale(place)
    return Level(limit / math.sqrt(2.0), "<=") if found.value < limit and found.flag != ">=" else found


def integral(signals: RepSignals) -> list[Value]:
    """Area under the envelope of each channel in each phase: how much and for how long."""
    return _each(signals, "integral", _integral, "·s")


def _integral(signals: RepSignals, place: Placement, phase: str) -> Level:
    found = envelope(signals, place, phase)
    if isinstance(found, Level):
        return found
    gate = signals.level(place, phase)
    start_s, stop_s = signals.rep.bounds_s(phase)
    mean = gate.value if gate.flag == "<=" else float(found.sum()) * HOP_S / (stop_s - start_s)
    return Level(mean * (stop_s - start_s), gate.flag)


def arv(signals: RepSignals) -> list[Value]:
    """Rectified mean of each channel over each phase times √(π/2), noise subtracted as in `level`."""
    return _each(signals, "arv", _arv) if signals.filtered else []


def _arv(signals: RepSignals, place: Placement, phase: str) -> Level:
    stretch = signals.filtered.get(place)
    if stretch is None:
        return Level(math.nan, "signal not kept")
    start_s, stop_s = signals.rep.bounds_s(phase)
    first, last = np.searchsorted(stretch.time_s, (start_s, stop_s))
    samples = stretch.samples[first:last]
    there = np.isfinite(samples)
    if there.sum() < (1.0 - MAX_LOST) * (stop_s - start_s) * stretch.fs_hz - 1.0 or not there.any():
        return Level(math.nan, LOST)
    noise = signals.noise.get(place, math.nan)
    raw = GAUSSIAN_RMS * float(np.abs(samples[there]).mean())
    value = math.sqrt(max(raw * raw - (0.0 if math.isnan(noise) else noise * noise), 0.0))
    own = ">=" if signals.cut_off(place, phase) else ""
    return _censored(signals, place, Level(value / signals.scale(place), own))


def ln_ratio(above: Level, below: Level) -> Level:
    """ln(above/below); without value, and with the reason, when either has none or is not above zero."""
    for part in (above, below):
        if not math.isfinite(part.value):
            return Level(math.nan, part.flag or LOST)
        if part.value <= 0.0:
            return Level(math.nan, "no activity above the noise")
    return Level(math.log(above.value) - math.log(below.value), ratio_flag(above.flag, below.flag))


def ecc_con(signals: RepSignals) -> list[Value]:
    """ln(lowering/lift) of each channel; its gain cancels, so no reference is needed."""
    if not {"con", "ecc"} <= set(signals.phases):
        return []
    return [
        Value("ecc_con", "act", str(place), found.value, "ln", found.flag)
        for place in signals.series
        for found in [ln_ratio(signals.level(place, "ecc"), signals.level(place, "con"))]
    ]


LEVEL = Metric("level", "Activation", "ref", 0, level)
PEAK = Metric("peak", "Peak activation", "ref", 0, peak)
INTEGRAL = Metric("integral", "Integrated activation", "ref·s", 0, integral)
ARV = Metric("arv", "Rectified mean", "ref", 0, arv)
ECC_CON = Metric("ecc_con", "Lowering to lift", "ln", 0, ecc_con)
