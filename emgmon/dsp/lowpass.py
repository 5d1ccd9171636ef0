"""A slow low-pass that begins with a mean: for directions that must be right from the first sample on.

Second-order Butterworth, delay `time_s` for slow changes. Until it has settled it gives the mean of all samples so far,
which then becomes its state. The loops that run it (`rest`, `turning`, `gyro_bias`) hold its numbers themselves: first
the sum of the samples, later the two states of the transposed direct form.
"""

from __future__ import annotations

import math


def low_pass(time_s: float, fs_hz: float, settle_s: float = math.nan) -> tuple[float, float, float, float]:
    """Return the coefficients b (the middle one is twice it), a1 and a2, and the samples until it has settled.

    Parameters
    ----------
    time_s : float
        Time constant: the corner lies at √2 / (2π · time_s), but below 0.45 of the sampling rate.
    fs_hz : float
    settle_s : float
        By default `time_s`; at least one sample.
    """
    corner = min(math.sqrt(2.0) / (2.0 * math.pi * time_s), 0.45 * fs_hz)
    c = math.tan(math.pi * corner / fs_hz)
    d = c * c + math.sqrt(2.0) * c + 1.0
    settle_s = time_s if math.isnan(settle_s) else settle_s
    return (
        c * c / d,
        2.0 * (c * c - 1.0) / d,
        (c * c - math.sqrt(2.0) * c + 1.0) / d,
        float(max(1, round(settle_s * fs_hz))),
    )
