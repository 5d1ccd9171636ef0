"""What spoils a recording, one function per cause: the signal with the artefact in it, and where it is.

Every function takes a signal of shape (n,) in microvolts at `rate_hz`, changes no input, and returns `Spoilt`; they can
be chained, and work on simulated as on recorded signals. The mask says where the artefact matters, by a rule that
each docstring names: it is the truth against which a quality check is counted.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_sim import heart

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAINS_HARMONICS = {1: 1.0, 2: 0.3, 3: 0.4, 5: 0.15}
MAINS_RANGE_HZ = 0.3
MAINS_WANDER_HZ = 0.01  # in one second
MOTION_BAND_HZ = (1.0, 15.0)
POP_UV = (200.0, 5000.0)
POP_DECAY_S = (0.05, 0.5)
LIFTED_MAINS_FACTOR = 20.0
NOTICEABLE_UV = 5.0


class Spoilt(NamedTuple):
    """Signal with an artefact.

    Attributes
    ----------
    samples_uv : ndarray, shape (n,)
    mask : ndarray of bool, shape (n,)
        Where the artefact matters.
    events_s : ndarray, shape (k,)
        Moments of its events (heart beats, pops, beginnings of lift-offs), seconds from the first sample.
    """

    samples_uv: Array
    mask: Mask
    events_s: Array


_NONE = np.empty(0)


def mains(
    samples_uv: Array,
    rate_hz: float,
    *,
    amplitude_uv: float,
    nominal_hz: float = 50.0,
    wander_hz: float = MAINS_WANDER_HZ,
    movement: Array | None = None,
    seed: int = 0,
) -> Spoilt:
    """Hum whose frequency begins anywhere within ±0.3 Hz and wanders there, with harmonics 2, 3 and 5.

    Parameters
    ----------
    amplitude_uv : float
        Peak of the fundamental, 0 to 30.
    wander_hz : float
        Standard deviation of the change of frequency in one second; grows with the root of time. By judgement,
        not measured: 0.003 for a large grid, 0.03 for a small generator.
    movement : ndarray, shape (n,), optional
        0 to 1; the hum varies by up to ±50 % with it, as cables move.

    Returns
    -------
    Spoilt
        Masked everywhere, unless the amplitude is 0.
    """
    rng = np.random.default_rng([seed, 41])
    seconds = np.arange(int(samples_uv.size / rate_hz) + 2)
    walk = _reflected(rng.uniform(-1.0, 1.0) + np.cumsum(rng.normal(0.0, wander_hz / MAINS_RANGE_HZ, seconds.size)))
    frequency_hz = nominal_hz + MAINS_RANGE_HZ * np.interp(np.arange(samples_uv.size) / rate_hz, seconds, walk)
    phase = 2 * np.pi * np.cumsum(frequency_hz) / rate_hz
    hum = np.zeros_like(samples_uv)
    for harmonic, height in MAINS_HARMONICS.items():
        shift = rng.uniform(0, 2 * np.pi)
        if harmonic * nominal_hz < 0.5 * rate_hz:
            hum += height * np.sin(harmonic * phase + shift)
    swing = (
        1.0
        if movement is None
        else 1.0 + 0.5 * movement * np.sin(2 * np.pi * rng.uniform(0.5, 2.0) * phase / phase[-1])
    )
    return Spoilt(samples_uv + amplitude_uv * swing * hum, np.full(samples_uv.size, amplitude_uv > 0.0), _NONE)


def ecg(
    samples_uv: Array,
    rate_hz: float,
    *,
    r_uv: float,
    heart_rate_bpm: float = 70.0,
    seed: int = 0,
    beat_seed: int | None = None,
) -> Spoilt:
    """Heart beats as a back electrode sees them: P, Q, R, S and T of a shape drawn from the seed.

    The rate varies by 4 % (half of it with breath), heights by 6 % with breath, the T wave follows the rate.

    Parameters
    ----------
    r_uv : float
        Height of the R wave, 5 to 100; its sign is drawn.
    heart_rate_bpm : float
        60 to 150.
    beat_seed : int, optional
        Same number, same beats: one heart for several electrodes with shapes of their own; `seed` when absent.

    Returns
    -------
    Spoilt
        Masked from 60 ms before to 80 ms after each R wave; `events_s` are the R waves.
    """
    duration_s = samples_uv.size / rate_hz
    beats_s = heart.beats(duration_s, heart_rate_bpm, seed=seed if beat_seed is None else beat_seed)
    time_s = np.arange(samples_uv.size) / rate_hz
    mask = np.zeros(samples_uv.size, np.bool_)
    for beat_s in beats_s:
        mask[slice(*np.searchsorted(time_s, [beat_s - 0.06, beat_s + 0.08]))] = True
    inside = (beats_s >= 0.0) & (beats_s < duration_s)
    spoilt_uv = samples_uv + r_uv * heart.wave(time_s, beats_s, seed=seed)
    return Spoilt(spoilt_uv, mask & (r_uv > 0.0), beats_s[inside])


def motion(samples_uv: Array, rate_hz: float, *, movement: Array, rms_uv: float, seed: int = 0) -> Spoilt:
    """Slow bursts of 1 to 15 Hz wherever the person moves, and the swing of a cable after it.

    Parameters
    ----------
    movement : ndarray, shape (n,)
        How strongly the electrode is accelerated, 0 to 1.
    rms_uv : float
        RMS amplitude at a movement of 1: 0.2 to 5 times that of the EMG.

    Returns
    -------
    Spoilt
        Masked where movement, or the cable's swing of 0.3 s after it, exceeds 0.1.
    """
    rng = np.random.default_rng([seed, 44])
    swing = _lingering(movement, rate_hz, 0.13)
    noise = _band(samples_uv.size, rate_hz, MOTION_BAND_HZ, rng)
    return Spoilt(samples_uv + rms_uv * swing * noise, (swing > 0.1) & (rms_uv > 0.0), _NONE)


def pops(samples_uv: Array, rate_hz: float, *, at_s: Sequence[float], seed: int = 0) -> Spoilt:
    """Sudden steps of 0.2 to 5 mV of either sign that decay within 50 to 500 ms, as gel loses and finds contact.

    Returns
    -------
    Spoilt
        Masked while a step exceeds 5 µV; `events_s` are the steps.
    """
    rng = np.random.default_rng([seed, 45])
    time_s = np.arange(samples_uv.size) / rate_hz
    total = np.zeros_like(samples_uv)
    mask = np.zeros(samples_uv.size, np.bool_)
    for begin_s in at_s:
        height_uv = np.exp(rng.uniform(*np.log(POP_UV))) * rng.choice([-1.0, 1.0])
        decay_s = rng.uniform(*POP_DECAY_S)
        after = slice(int(np.searchsorted(time_s, begin_s)), None)
        step_uv = height_uv * np.exp(-(time_s[after] - begin_s) / decay_s)
        total[after] += step_uv
        mask[after] |= np.abs(step_uv) > NOTICEABLE_UV
    return Spoilt(samples_uv + total, mask, np.array(at_s, dtype=np.float64))


def lift_off(
    samples_uv: Array,
    rate_hz: float,
    *,
    windows_s: Sequence[tuple[float, float]],
    mains_uv: float = 10.0,
    noise_uv: float = 20.0,
    nominal_hz: float = 50.0,
    seed: int = 0,
) -> Spoilt:
    """Windows without contact: no EMG, hum of 20 times `mains_uv` (its usual peak) and broadband noise.

    Returns
    -------
    Spoilt
        Masked in the windows; `events_s` are their beginnings.
    """
    rng = np.random.default_rng([seed, 46])
    time_s = np.arange(samples_uv.size) / rate_hz
    mask = np.zeros(samples_uv.size, np.bool_)
    for from_s, to_s in windows_s:
        mask |= (time_s >= from_s) & (time_s < to_s)
    hum = LIFTED_MAINS_FACTOR * mains_uv * np.sin(2 * np.pi * nominal_hz * time_s + rng.uniform(0, 2 * np.pi))
    off_uv = hum + noise_uv * rng.standard_normal(samples_uv.size)
    return Spoilt(np.where(mask, off_uv, samples_uv), mask, np.array([from_s for from_s, _ in windows_s]))


def clipping(samples_uv: Array, *, limit_uv: float) -> Spoilt:
    """Cut off at `limit_uv` on both sides; masked where cut."""
    return Spoilt(np.clip(samples_uv, -limit_uv, limit_uv), np.abs(samples_uv) >= limit_uv, _NONE)


def sweat(
    samples_uv: Array, rate_hz: float, *, loss: float, noise_uv: float = 0.0, over_s: float = 1200.0, seed: int = 0
) -> Spoilt:
    """Sweat under the electrode: gain falls by the share `loss` within `over_s`, noise rises to `noise_uv` (RMS).

    Returns
    -------
    Spoilt
        Masked once the gain has fallen by more than 5 %.
    """
    rng = np.random.default_rng([seed, 47])
    part = np.minimum(np.arange(samples_uv.size) / (rate_hz * over_s), 1.0)
    spoilt_uv = samples_uv * (1.0 - loss * part) + noise_uv * part * rng.standard_normal(samples_uv.size)
    return Spoilt(spoilt_uv, loss * part > 0.05, _NONE)


def baseline_noise(
    samples_uv: Array, rate_hz: float, *, rms_uv: float, pink_share: float = 0.3, seed: int = 0
) -> Spoilt:
    """Amplifier and skin: white noise and 1/f noise above 1 Hz, `pink_share` of the power; masked everywhere.

    `rms_uv` is 1 to 8 µV over the whole band up to half the rate.
    """
    rng = np.random.default_rng([seed, 48])
    frequency_hz = np.fft.rfftfreq(samples_uv.size, 1 / rate_hz)
    power = np.zeros_like(frequency_hz)
    np.divide(1.0, frequency_hz, out=power, where=frequency_hz >= 1.0)
    white = rng.standard_normal(samples_uv.size)
    noise = np.sqrt(1.0 - pink_share) * white + np.sqrt(pink_share) * _of_power(power, samples_uv.size, rng)
    return Spoilt(samples_uv + rms_uv * noise, np.full(samples_uv.size, rms_uv > 0.0), _NONE)


def crosstalk(
    samples_uv: Array,
    rate_hz: float,
    *,
    neighbour_uv: Array,
    share: float,
    delay_s: float = 0.001,
    corner_hz: float = 100.0,
) -> Spoilt:
    """Part of a neighbouring muscle's signal, late and blunted by the tissue between.

    Parameters
    ----------
    neighbour_uv : ndarray, shape (n,)
        The neighbour's own signal.
    share : float
        0 to 0.25, factor on its amplitude before the low-pass.
    delay_s : float
        0 to 0.003.

    Returns
    -------
    Spoilt
        Masked where what came over has an RMS above 5 µV within 50 ms.
    """
    padded = 1 << (2 * samples_uv.size - 1).bit_length()
    frequency_hz = np.fft.rfftfreq(padded, 1 / rate_hz)
    path = share * np.exp(-2j * np.pi * frequency_hz * delay_s) / (1.0 + 1j * frequency_hz / corner_hz)
    over_uv = np.fft.irfft(np.fft.rfft(neighbour_uv, padded) * path)[: samples_uv.size]
    width = max(1, round(0.05 * rate_hz))
    level = np.convolve(over_uv**2, np.full(width, 1.0 / width), "same")
    return Spoilt(samples_uv + over_uv, level > NOTICEABLE_UV**2, _NONE)


def _reflected(walk: Array) -> Array:
    """Fold a walk back into -1 to 1."""
    return np.asarray(np.abs((walk + 1.0) % 4.0 - 2.0) - 1.0)


def _lingering(movement: Array, rate_hz: float, decay_s: float) -> Array:
    """Movement that dies away no faster than exponentially, shape (n,)."""
    blocks = max(1, round(0.01 * rate_hz))
    padded = np.pad(movement, (0, -movement.size % blocks), mode="edge")
    peaks = padded.reshape(-1, blocks).max(axis=1)
    keep = np.exp(-blocks / rate_hz / decay_s)
    for index in range(1, peaks.size):
        peaks[index] = max(peaks[index], keep * peaks[index - 1])
    ends = np.arange(1, peaks.size + 1) * blocks
    return np.asarray(np.maximum(movement, np.interp(np.arange(movement.size), ends, peaks)))


def _band(size: int, rate_hz: float, band_hz: tuple[float, float], rng: np.random.Generator) -> Array:
    frequency_hz = np.fft.rfftfreq(size, 1 / rate_hz)
    return _of_power(((frequency_hz >= band_hz[0]) & (frequency_hz <= band_hz[1])).astype(np.float64), size, rng)


def _of_power(power: Array, size: int, rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance with a given power spectrum."""
    bins = np.sqrt(power) * (rng.standard_normal(power.size) + 1j * rng.standard_normal(power.size))
    noise = np.fft.irfft(bins, size)
    return np.asarray(noise / noise.std())
