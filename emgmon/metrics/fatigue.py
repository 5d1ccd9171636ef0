"""What drifts over a set: the spectrum of each muscle at the top of the movement, rep by rep.

All three numbers are taken where the joint angle is the same in each rep, within a tenth of the range from the top,
because the spectrum also moves with the angle. They are given only for sensors whose class offers spectra and only
when the muscle stands out by 15 dB; otherwise there is a reason in place of a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from emgmon.dsp.device_class import device_class
from emgmon.metrics.base import Channel, Metric, RepSignals, once
from emgmon.metrics.estimates import SetMetric, bare_estimate, enough, series_of, theil_sen
from emgmon.metrics.spectrum import SEGMENT_S, Spectrum, log_finsm5, mean_hz, median_hz, spectrum
from emgmon.model import Array, Estimate, Rep, RepSummary, Value

MIN_SNR_DB = 15.0
TOP_SHARE = 0.10
"""Part of the range below the highest point that still counts as the top."""

FIRST_REPS = LAST_REPS = 2

SLOW = "sensor too slow for spectra"
NOT_RAW = "sensor sends no raw signal"


def top_window_s(time_s: Array, angle_deg: Array, rep: Rep) -> tuple[float, float]:
    """First and last moment around the highest point of a rep at which it is within a tenth of its range of it.

    Parameters
    ----------
    time_s, angle_deg : (n,) array
        Excursion over the rep, evenly spaced.
    rep : Rep

    Returns
    -------
    tuple of float
        Session times in s, no delay; NaN without samples inside the rep.
    """
    first, last = np.searchsorted(time_s, (rep.start_s, rep.end_s))
    inside = angle_deg[first:last]
    if not len(inside) or not np.isfinite(inside).all():
        return math.nan, math.nan
    peak = int(np.argmax(inside))
    low = np.flatnonzero(inside < inside[peak] - TOP_SHARE * (inside[peak] - inside.min()))
    before, after = low[low < peak], low[low > peak]
    begin = int(before[-1]) + 1 if len(before) else 0
    end = int(after[0]) - 1 if len(after) else len(inside) - 1
    return float(time_s[first + begin]), float(time_s[first + end])


@once
def _at_the_top(channel: Channel, top_s: tuple[float, float], unit: str) -> Spectrum | str:
    """Spectrum of one channel, whose signal has this unit, at the top of the rep, or why there is none."""
    stretch, noise = channel.stretch, channel.noise
    if stretch is None:
        return "signal not kept"
    first, last = stretch.time_s.searchsorted(top_s).tolist()
    reasons = (
        (not stretch.raw, NOT_RAW),
        ("spectrum" not in device_class(stretch.fs_hz, unit, raw=stretch.raw).offers, SLOW),
        (not noise > 0.0, "noise not known"),
        (math.isnan(top_s[0]), "no top of the movement"),
        (last - first < SEGMENT_S * stretch.fs_hz, "top too short for a spectrum"),
    )
    reason = next((why for holds, why in reasons if holds), "")
    if reason:
        return reason
    found = spectrum(stretch.samples[first:last], stretch.fs_hz)
    if found is None:
        return "signal lost"
    weak = 20.0 * math.log10(found.rms / noise) < MIN_SNR_DB
    return "signal too weak for a spectrum" if weak else found


def _spectral(signals: RepSignals, name: str, unit: str, number: Callable[[Spectrum], float]) -> list[Value]:
    values = []
    for place in signals.filtered:
        channel = signals.channels[place]
        found = _at_the_top(channel, signals.top_s, signals.units.get(place, ""))
        if isinstance(found, str):
            values.append(Value(name, "hold", channel.name, math.nan, unit, found))
        else:
            values.append(Value(name, "hold", channel.name, number(found), unit))
    return values


def mdf(signals: RepSignals) -> list[Value]:
    """Median frequency of each channel at the top, Hz."""
    return _spectral(signals, "mdf", "hz", median_hz)


def mnf(signals: RepSignals) -> list[Value]:
    """Mean frequency of each channel at the top, Hz."""
    return _spectral(signals, "mnf", "hz", mean_hz)


def finsm5(signals: RepSignals) -> list[Value]:
    """Spectral fatigue index of each channel at the top, as ln; only its change within a set means anything."""
    return _spectral(signals, "finsm5", "ln", log_finsm5)


def mdf_change(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Median frequency, as ln against the first two reps."""
    return _changes(reps, "mdf_change", "mdf", math.log)


def mnf_change(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Mean frequency, as ln against the first two reps."""
    return _changes(reps, "mnf_change", "mnf", math.log)


def finsm5_change(reps: Sequence[RepSummary]) -> list[Estimate]:
    """Spectral fatigue index, as ln against the first two reps."""
    return _changes(reps, "finsm5_change", "finsm5", float)


def _changes(reps: Sequence[RepSummary], name: str, metric: str, log: Callable[[float], float]) -> list[Estimate]:
    """Give the last two reps against the first two as `mean`, and the Theil-Sen line through all as `slope`."""
    out = []
    for (phase, where), found in series_of(reps, metric).items():
        first = [log(value) for rep, value in found if rep.index <= FIRST_REPS]
        if len(first) < FIRST_REPS or not enough(len(found), len(reps)):
            continue
        zero = sum(first) / len(first)
        change = np.array([log(value) - zero for _rep, value in found])
        slope = theil_sen(np.array([float(rep.index) for rep, _value in found]), change)
        last = float(change[-LAST_REPS:].mean())
        out.append(bare_estimate((name, phase, where, "ln"), len(found), last, slope=slope))
    return out


def joint_reading(level: Estimate, frequency: Estimate) -> str:
    """Read the drifts of a channel's level and of its frequency together, when both intervals exclude zero.

    Returns
    -------
    str
        ``fatigue`` (level up, frequency down), ``more force``, ``less force``, ``recovery`` or empty (Luttmann et al.).
    """
    louder, higher = ((item.slope_low > 0.0) - (item.slope_high < 0.0) for item in (level, frequency))
    readings = {(1, -1): "fatigue", (1, 1): "more force", (-1, -1): "less force", (-1, 1): "recovery"}
    return readings.get((louder, higher), "")


MDF = Metric("mdf", "Median frequency", "hz", 0, mdf)
MNF = Metric("mnf", "Mean frequency", "hz", 0, mnf)
FINSM5 = Metric("finsm5", "Spectral fatigue index", "ln", 0, finsm5)
MDF_CHANGE = SetMetric("mdf_change", "Change of median frequency", "ln", 0, mdf_change)
MNF_CHANGE = SetMetric("mnf_change", "Change of mean frequency", "ln", 0, mnf_change)
FINSM5_CHANGE = SetMetric("finsm5_change", "Change of spectral fatigue index", "ln", 0, finsm5_change)
