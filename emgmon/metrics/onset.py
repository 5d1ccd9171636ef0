"""When each muscle starts in a rep, and who is later: starts against the movement and against each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.dsp.device_class import device_class
from emgmon.dsp.onset import NO_ONSET, NOTHING, rise_near, start_times
from emgmon.metrics.base import Metric, RepSignals, Start, Stretch
from emgmon.metrics.estimates import MIN_REPS, interval
from emgmon.model import Placement, Rep, Value

MIN_SNR_DB = 10.0
"""An order is said only of channels that stand out by this."""

SAME_SNR_DB = 2.0
"""Channels within this of each other need no noise to be alike."""

LATER_S = {"fast": 0.050, "slow": 0.100}
FAST_LIFT_S = 1.0
"""A lift shorter than this is fast."""

SURE = 0.95


def starts_of(
    stretches: Mapping[Placement, Stretch], rep: Rep, noise: Mapping[Placement, float]
) -> dict[Placement, Start]:
    """Find each channel's start in the stretch around the lift; times in s after the lift's start.

    A stretch too short, with holes, or of a sensor without raw signal gives a reason instead. So does a rep that begins
    with the lowering: the muscles work in it, and their rise into the lift is no start from rest.
    """
    if rep.first != "con":
        return dict.fromkeys(stretches, Start(NOTHING._replace(flag=NO_ONSET)))
    starts = {place: _near(stretch, rep.start_s, noise.get(place, math.nan)) for place, stretch in stretches.items()}
    found = [(at, start, start.rise) for at, start in starts.items() if start.rise is not None]
    times_s = start_times([(rise, math.nan) for _at, _start, rise in found])
    for (at, start, _rise), (onset_s, sigma_s) in zip(found, times_s, strict=True):
        extra_s = device_class(stretches[at].fs_hz, "").onset_extra_s
        placed = start.onset._replace(onset_s=onset_s - start.moved_s, sigma_s=math.hypot(sigma_s, extra_s))
        starts[at] = start._replace(onset=placed)
    return starts


def _near(stretch: Stretch, movement_s: float, noise: float) -> Start:
    """Find what goes with the movement in one stretch; the start is still to be placed."""
    if "onset" not in device_class(stretch.fs_hz, "", raw=stretch.raw).offers:
        return Start(NOTHING._replace(flag="sensor sends no raw signal"))
    if len(stretch.samples) < 2:
        return Start(NOTHING._replace(flag="too little signal"))
    lasts_s = float(stretch.time_s[-1] - stretch.time_s[0])
    if abs(lasts_s - (len(stretch.samples) - 1) / stretch.fs_hz) > 0.02:
        return Start(NOTHING._replace(flag="signal lost"))
    moved_s = float(np.interp(movement_s, stretch.time_s, np.arange(len(stretch.samples)))) / stretch.fs_hz
    found, rise = rise_near(stretch.samples, stretch.fs_hz, moved_s, noise=noise)
    return Start(found._replace(t10_s=found.t10_s - moved_s), rise, moved_s)


def onset(signals: RepSignals) -> list[Value]:
    """Start of each channel's activity after the start of the lift, s; negative before it."""
    return [
        Value("onset", "con", str(place), start.onset.onset_s, "s", start.onset.flag)
        for place, start in signals.starts.items()
    ]


def rise10(signals: RepSignals) -> list[Value]:
    """Time after the start of the lift at which each channel reaches a tenth of its plateau, s."""
    return [
        Value("rise10", "con", str(place), start.onset.t10_s, "s", start.onset.flag)
        for place, start in signals.starts.items()
    ]


def onset_delay_h(signals: RepSignals) -> list[Value]:
    """Glutes' start less the hamstrings', both at the SNR of the worse, s; positive when the glutes are later."""
    return _delays(signals, "onset_delay_h", "H")


def onset_delay_e(signals: RepSignals) -> list[Value]:
    """Glutes' start less the back's, both at the SNR of the worse, s; positive when the glutes are later."""
    return _delays(signals, "onset_delay_e", "E")


def _delays(signals: RepSignals, name: str, group: str) -> list[Value]:
    values, found = [], []
    for side in signals.sides:
        glutes, others = (
            [place for place in signals.starts if place.side == side and place.group == letter]
            for letter in ("G", group)
        )
        pairs = [_delay(signals, first, second) for first in glutes for second in others]
        if not pairs:
            continue
        good = [delay_s for delay_s, flag in pairs if not flag]
        found += [fmean(good)] if good else []
        flag = "" if good else pairs[0][1]
        values.append(Value(name, "con", side, fmean(good) if good else math.nan, "s", flag))
    if values:
        both = Value(name, "con", "both", fmean(found) if found else math.nan, "s", "" if found else values[0].flag)
        values.append(both)
    return values


def _delay(signals: RepSignals, glute: Placement, other: Placement) -> tuple[float, str]:
    """Delay of one pair of channels, or why there is none."""
    first, second = signals.starts[glute], signals.starts[other]
    flag = first.onset.flag or second.onset.flag
    if flag:
        return math.nan, flag
    worse_db = min(first.onset.snr_db, second.onset.snr_db)
    if worse_db < MIN_SNR_DB:
        return math.nan, "signal too weak for an order"
    times_s = [
        start.onset.onset_s
        if start.rise is None or start.onset.snr_db < worse_db + SAME_SNR_DB
        else start_times([(start.rise, worse_db)])[0][0] - start.moved_s
        for start in (first, second)
    ]
    delay_s = times_s[0] - times_s[1]
    return (delay_s, "") if math.isfinite(delay_s) else (math.nan, NO_ONSET)


def least_delay_s(lift_s: float) -> float:
    """Smallest median delay that is called one, s: lifts under `FAST_LIFT_S` are fast."""
    return LATER_S["fast" if lift_s < FAST_LIFT_S else "slow"]


class Order(NamedTuple):
    """Who starts later over a set: median and 95 % interval of the delay in s, the probability that it is positive.

    `word` is ``later`` or ``earlier`` (the glutes), ``together`` (within error), or ``unknown``.
    """

    n: int
    median_s: float
    low_s: float
    high_s: float
    probability: float
    word: str


def order_of(delays_s: Sequence[float], t10_delays_s: Sequence[float], lift_s: float) -> Order:
    """Say from the reps of a set whether the glutes start later.

    Parameters
    ----------
    delays_s : sequence of float
        Delay at equal SNR in each rep that has one, s.
    t10_delays_s : sequence of float
        The same from the times of a tenth of the plateau; the two must agree in sign.
    lift_s : float
        Usual length of the lift: a short one asks for 50 ms, a long one for 100 ms.
    """
    n = len(delays_s)
    if n < MIN_REPS:
        return Order(n, median(delays_s) if n else math.nan, math.nan, math.nan, math.nan, "unknown")
    values = np.array(delays_s)
    low, high = interval(np.arange(n, dtype=np.float64), values)[:2]
    middle = float(median(delays_s))
    error = max((high - low) / 2.0 / float(scipy.special.stdtrit(n - 1, 0.975)), 1e-6)
    probability = float(scipy.special.stdtr(n - 1, values.mean() / error))
    least_s = least_delay_s(lift_s)
    agree = len(t10_delays_s) > 0 and median(t10_delays_s) * middle > 0.0
    sure = max(probability, 1.0 - probability) >= SURE and abs(middle) >= least_s and agree
    word = ("later" if middle > 0 else "earlier") if sure else "together"
    return Order(n, middle, low, high, probability, word)


ONSET = Metric("onset", "Onset", "s", 0, onset)
RISE10 = Metric("rise10", "Time to a tenth", "s", 0, rise10)
ONSET_DELAY_H = Metric("onset_delay_h", "Glutes after hamstrings", "s", 0, onset_delay_h)
ONSET_DELAY_E = Metric("onset_delay_e", "Glutes after back", "s", 0, onset_delay_e)
