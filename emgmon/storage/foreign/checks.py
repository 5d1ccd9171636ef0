"""What is wrong with a channel and can be seen in its samples alone. Offline, whole channels."""

from __future__ import annotations

import numpy as np

from emgmon.model import Array

CLIPPED_SHARE = 1e-3
MIN_SAMPLES = 200
MIN_LEVELS = 16
"""A channel with fewer different values is too coarse to tell clipping from rest."""


ENVELOPE_S = 2.0
"""Less than this is too short to tell an envelope."""


def clipped_share(samples: Array) -> float:
    """Share of samples, 0 to 1, that stand at the channel's extreme values with a neighbour that does so too.

    Parameters
    ----------
    samples : (n_samples,) array
        Of one channel, as the file has them. Channels that hardly move have no extremes.
    """
    known = samples[np.isfinite(samples)]
    if len(known) < MIN_SAMPLES:
        return 0.0
    if len(np.unique(known[:20_000])) < MIN_LEVELS:
        return 0.0
    low, high = float(known.min()), float(known.max())
    at = (known == low) | (known == high)
    beside = np.zeros(len(at), bool)
    beside[1:] = (known[1:] == known[:-1]) & at[1:]
    beside[:-1] |= beside[1:]
    return float(beside.mean())


def looks_like_envelope(samples: Array, fs_hz: float) -> bool:
    """Whether a channel is an envelope and not raw EMG: hardly negative, down to near 0, and slow.

    Parameters
    ----------
    samples : (n_samples,) array
        Of one channel; raw counts with an offset are far from 0 and so are no envelope.
    fs_hz : float
    """
    known = samples[np.isfinite(samples)][: int(600 * fs_hz)]
    if len(known) < max(MIN_SAMPLES, ENVELOPE_S * fs_hz):
        return False
    low, high = float(known.min()), float(known.max())
    if high <= 0 or not -0.1 * high < low < 0.2 * high:
        return False
    spectrum = np.abs(np.fft.rfft(known - known.mean())) ** 2
    frequency_hz = np.fft.rfftfreq(len(known), 1.0 / fs_hz)
    total = float(spectrum.sum())
    return total > 0 and float(spectrum[frequency_hz > 20.0].sum()) < 0.1 * total


def is_flat(samples: Array) -> bool:
    """Whether a channel never changes or is missing as a whole."""
    known = samples[np.isfinite(samples)]
    return not len(known) or float(known.min()) == float(known.max())
