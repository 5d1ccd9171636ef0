"""From a reference contraction (maximal or submaximal) to the level that means 100 %."""

from __future__ import annotations

import numpy as np

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.model import Array

WINDOW_S = 0.5
"""The best steady half second counts; a shorter window inflates the level by chance (15 % at 500 ms, 39 % at 100)."""

KINDS = ("T1", "T2")


def reference_level(power: Array, noise: float) -> float:
    """Largest noise-subtracted RMS over 500 ms in a reference contraction.

    Parameters
    ----------
    power : (n,) array
        Mean squares of 10 ms hops during the contraction; NaN where lost.
    noise : float
        RMS of the relaxed channel, NaN when unknown.

    Returns
    -------
    float
        Unit of the channel; NaN when less than half a second is there, or nothing above three times the noise.
    """
    windows = moving_rms(power, round(WINDOW_S / HOP_S), noise)
    windows = windows[np.isfinite(windows)]
    if not len(windows):
        return float("nan")
    best = float(windows.max())
    return float("nan") if best <= 3.0 * np.nan_to_num(noise) else best
