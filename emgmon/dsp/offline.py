"""The chain's zero-phase variants, for study: offline, without delay, no view or number of a session uses them.

They differ from the live chain where the future helps: filters run forwards and backwards, hum is replaced in the
spectrum, and the moving RMS is centred. Set means of both agree within a few percent.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from emgmon.dsp.filters import BandPassSettings, design
from emgmon.dsp.mains import HARMONICS
from emgmon.model import Array


def zero_phase_band_pass(samples: Array, fs_hz: float, settings: BandPassSettings | None = None) -> Array:
    """Run the live band-pass forwards and backwards; each edge counts twice.

    Parameters
    ----------
    samples : (n,) array
        Raw EMG; gaps up to `settings.hold_s` are filled with straight lines, longer ones come out as NaN.
    fs_hz : float
    settings : BandPassSettings, optional

    Returns
    -------
    (n,) array
    """
    chosen = settings or BandPassSettings()
    there = np.isfinite(samples)
    out = np.full(len(samples), np.nan)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~there, [False]]).astype(np.int8))).reshape(-1, 2)
    long = edges[(edges[:, 1] - edges[:, 0]) > chosen.hold_s * fs_hz]
    sos = design(chosen, fs_hz)
    for start, stop in zip([0, *long[:, 1]], [*long[:, 0], len(samples)], strict=True):
        inside = there[start:stop]
        if inside.sum() <= 6 * len(sos):
            continue
        index = np.arange(stop - start)
        part = np.interp(index, index[inside], samples[start:stop][inside])
        filtered = scipy.signal.sosfiltfilt(sos, part - np.median(part), padlen=min(len(part) - 1, 6 * len(sos)))
        out[start:stop] = np.where(inside, filtered, np.nan)
    return out


def zero_phase_envelope(filtered: Array, fs_hz: float, *, window_s: float = 0.125) -> Array:
    """Take the centred moving RMS of filtered EMG.

    Parameters
    ----------
    filtered : (n,) array
        NaN where lost.
    fs_hz : float
    window_s : float
        Longer is smoother.

    Returns
    -------
    (n,) array
        Unit of `filtered`; NaN where less than half of the window is there. Shorter windows at both ends.
    """
    n, half = len(filtered), max(1, round(0.5 * window_s * fs_hz))
    there = np.isfinite(filtered)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, filtered, 0.0) ** 2)])
    count = np.concatenate([[0], np.cumsum(there)])
    first, stop = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half + 1, n)
    seen = count[stop] - count[first]
    mean = np.maximum(total[stop] - total[first], 0.0) / np.maximum(seen, 1)
    return np.asarray(np.where(2 * seen >= stop - first, np.sqrt(mean), np.nan), np.float64)


def spectrum_interpolation(samples: Array, fs_hz: float, f0_hz: float, *, width_hz: float = 1.0) -> Array:
    """Replace the magnitudes at each harmonic of the mains by those beside it, phases kept; zero phase.

    After Mewett, Reynolds and Nazeran 2004, doi 10.1007/BF02350994.

    Parameters
    ----------
    samples : (n,) array
        One channel without gaps, at least 2 s.
    fs_hz, f0_hz : float
    width_hz : float
        Half-width of what is replaced. Wider stands more drift and takes more EMG along.

    Returns
    -------
    (n,) array
    """
    n = len(samples)
    if n < 2.0 * fs_hz:
        return samples
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(n, 1.0 / fs_hz)
    for line_hz in np.arange(f0_hz, 0.45 * fs_hz, f0_hz)[:HARMONICS]:
        away_hz = np.abs(frequency_hz - line_hz)
        inside = away_hz <= width_hz
        beside = (away_hz > width_hz) & (away_hz <= 3.0 * width_hz)
        level = math.sqrt(float((np.abs(spectrum[beside]) ** 2).mean()))
        spectrum[inside] *= level / np.maximum(np.abs(spectrum[inside]), 1e-300)
    return np.asarray(np.fft.irfft(spectrum, n), np.float64)


def zero_phase_linear_envelope(
    samples: Array, fs_hz: float, *, highpass_hz: float = 50.0, lowpass_hz: float = 20.0, order: int = 4
) -> Array:
    """Rectify and low-pass EMG, both filters run forwards and backwards.

    The defaults are those of the R package musclesyneRgies for locomotion (Santuz et al. 2019,
    doi 10.1016/j.isci.2019.100796), whose published envelopes it reproduces.

    Parameters
    ----------
    samples : (n_samples, n_channels) array
        Raw EMG without gaps, any unit.
    fs_hz : float
    highpass_hz, lowpass_hz : float
        Corners of the two Butterworth filters; a lower `lowpass_hz` gives a smoother envelope.
    order : int
        Of each filter in one pass.

    Returns
    -------
    (n_samples, n_channels) array
        Unit of `samples`, not below 0.
    """
    high = scipy.signal.butter(order, highpass_hz, "highpass", fs=fs_hz, output="sos")
    low = scipy.signal.butter(order, lowpass_hz, "lowpass", fs=fs_hz, output="sos")
    centred = samples - samples.mean(axis=0)
    rectified = np.abs(scipy.signal.sosfiltfilt(high, centred, axis=0))
    return np.asarray(np.maximum(scipy.signal.sosfiltfilt(low, rectified, axis=0), 0.0), np.float64)
