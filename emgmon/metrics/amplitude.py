"""How much: the amplitude of each channel in each phase, as a share of its reference where there is one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from emgmon.dsp.envelope import HOP_S
from emgmon.metrics import envelopes
from emgmon.metrics.base import LOST, MAX_LOST, Channel, Level, Metric, RepSignals, once, ratio_flag
from emgmon.metrics.envelopes import envelope
from emgmon.model import Array, Value

GAUSSIAN_RMS = math.sqrt(math.pi / 2.0)
"""RMS of Gaussian noise whose rectified mean is 1."""


def _each(signals: RepSignals, name: str, number: Callable[[Channel, str], Level], per: str = "") -> list[Value]:
    return [
        Value(name, phase, channel.name, found.value, channel.unit + per, found.flag)
        for channel in signals.channels.values()
        for phase in signals.phases
        for found in [number(channel, phase)]
    ]


def level(signals: RepSignals) -> list[Value]:
    """Noise-subtracted RMS of each channel over each phase."""
    return _each(signals, "level", lambda channel, phase: channel.part(phase).level)


def peak(signals: RepSignals) -> list[Value]:
    """Largest noise-subtracted RMS over 500 ms inside each phase."""
    return _each(signals, "peak", lambda channel, phase: channel.censored(envelopes.peak(channel, phase)))


def integral(signals: RepSignals) -> list[Value]:
    """Area under the envelope of each channel in each phase: how much and for how long."""
    return _each(signals, "integral", _integral, "·s")


def _integral(channel: Channel, phase: str) -> Level:
    found = envelope(channel, phase)
    if isinstance(found, Level):
        return found
    gate = channel.part(phase).level
    start_s, stop_s = channel.bounds_s[phase]
    mean = gate.value if gate.flag == "<=" else float(found.sum()) * HOP_S / (stop_s - start_s)
    return Level(mean * (stop_s - start_s), gate.flag)


def arv(signals: RepSignals) -> list[Value]:
    """Rectified mean of each channel over each phase times √(π/2), noise subtracted as in `level`."""
    return _each(signals, "arv", _arv) if signals.filtered else []


@once
def _rectified(channel: Channel) -> tuple[dict[str, slice], Array, bool]:
    """Return the samples of each phase, all of them without sign, and whether none is lost."""
    samples = np.empty(0) if channel.stretch is None else channel.stretch.samples
    return channel.samples(), np.abs(samples), bool(np.isfinite(samples).all())


def _arv(channel: Channel, phase: str) -> Level:
    if channel.stretch is None:
        return Level(math.nan, "signal not kept")
    start_s, stop_s = channel.bounds_s[phase]
    where, rectified, whole = _rectified(channel)
    samples = rectified[where[phase]]
    if not whole:
        samples = samples[np.isfinite(samples)]
    n = len(samples)
    if not n or n < (1.0 - MAX_LOST) * (stop_s - start_s) * channel.stretch.fs_hz - 1.0:
        return Level(math.nan, LOST)
    noise = channel.noise
    raw = GAUSSIAN_RMS * float(samples.sum() / n)
    value = math.sqrt(max(raw * raw - (0.0 if math.isnan(noise) else noise * noise), 0.0))
    return channel.censored(Level(value / channel.scale, channel.part(phase).own_flag))


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
        Value("ecc_con", "act", channel.name, found.value, "ln", found.flag)
        for channel in signals.channels.values()
        for found in [ln_ratio(channel.part("ecc").level, channel.part("con").level)]
    ]


LEVEL = Metric("level", "Activation", "ref", 0, level)
PEAK = Metric("peak", "Peak activation", "ref", 0, peak)
INTEGRAL = Metric("integral", "Integrated activation", "ref·s", 0, integral)
ARV = Metric("arv", "Rectified mean", "ref", 0, arv)
ECC_CON = Metric("ecc_con", "Lowering to lift", "ln", 0, ecc_con)
