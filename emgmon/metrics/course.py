"""When in a rep a muscle is active: the centre of its activity in the lift, and the moment of its peak."""

from __future__ import annotations

import math

import numpy as np

from emgmon.metrics.base import Level, Metric, RepSignals
from emgmon.metrics.envelopes import envelope, peak_s
from emgmon.model import Value


def centroid(signals: RepSignals) -> list[Value]:
    """Centre of each channel's activity in the lift, % of its length; 50 when it is even or in the middle."""
    if "con" not in signals.phases:
        return []
    values = []
    for channel in signals.channels.values():
        found = envelope(channel, "con")
        if isinstance(found, Level):
            values.append(Value("centroid", "con", channel.name, math.nan, "%", found.flag))
            continue
        total = float(found.sum())
        middle = (np.arange(len(found)) + 0.5) / len(found)
        value = 100.0 * float(middle @ found) / total if total > 0.0 else math.nan
        flag = "" if math.isfinite(value) else "no activity above the noise"
        values.append(Value("centroid", "con", channel.name, value, "%", flag))
    return values


def time_to_peak(signals: RepSignals) -> list[Value]:
    """Time from the start of the rep to the middle of each channel's strongest 500 ms, s."""
    values = []
    for channel in signals.channels.values():
        found = peak_s(channel, "act")
        if isinstance(found, Level):
            values.append(Value("time_to_peak", "act", channel.name, math.nan, "s", found.flag))
        else:
            values.append(Value("time_to_peak", "act", channel.name, found - signals.rep.start_s, "s"))
    return values


CENTROID = Metric("centroid", "Centre of activity", "%", 0, centroid)
TIME_TO_PEAK = Metric("time_to_peak", "Time to peak", "s", 0, time_to_peak)
