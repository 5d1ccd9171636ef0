"""How likely each start is, over all the ways in which activity can rise; and the filter that shows it best.

Filtered EMG is taken as Gaussian with one variance before the start and another after it. How it gets from one to the
other is not assumed: a step, ramps, curves and saturating rises of 22 to 390 ms all have a say, each as far as it
explains the signal; lengths are tried in thirteen coarse steps and in finer ones around the likeliest. The start is the
median of the posterior summed over them, and the central 68 % of that is its uncertainty: a slow or noisy start says of
itself that it is unsure.

Offline and vectorised over the starts. The likelihood of two variances follows Staude (2001, doi 10.1109/10.966601);
the filter, the sum over shapes, their common weights and the posterior median are additions.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from emgmon.dsp.zero_phase import smoothed
from emgmon.model import Array

Index = NDArray[Any]

BIN_S = 0.002
"""Samples of this length are taken together."""

AFTER_S = 0.5
"""What follows the candidate by more than this has no say in where the start is."""

SIGMA_FACTOR = 1.5
"""The posterior knows nothing of wrong shapes; with this factor four fifths of simulated errors are within."""

_FINE = 4
_RISES_S = tuple(0.022 * 1.27 ** (k / _FINE) for k in range(12 * _FINE + 1))
_FORMS = 4
EVERY_SHAPE = np.array([0, *(k for k in range(1, 1 + _FORMS * len(_RISES_S)) if (k - 1) // _FORMS % _FINE == 0)])
"""A step and thirteen lengths of each form; between them `finer` finds more."""
FEW_SHAPES = np.array([0, *(k for k in EVERY_SHAPE[1:].tolist() if (k - 1) // _FORMS // _FINE % 3 == 1)])
"""A step and every third rise length: enough where nothing is learnt."""

LEARN_FROM = 24
"""Starts that the weights of the shapes are learnt from."""
REFINED, KEPT_SHAPES = 4, 12
"""Shapes between whose neighbours finer lengths are tried, and how many have a say in the end."""
TEMPER = 0.65
"""EMG in a burst has fewer independent values than the quiet level: the likelihood is taken to this power."""
STEP_PRIOR = 0.45
"""Log odds, for each start, by which a step is preferred while the shapes are weighed together."""
EM_STEPS, FLOOR = 3, 1.0
ROWS = 5
"""Windows that are weighed at once: as many as a core's own memory holds, which is twice as fast as twenty."""
LEAST_BURST = 0.03
"""A burst is taken to have at least this share of the quiet level's energy."""
_SHARES = np.array([0.16, 0.5, 0.84])
ORDER = 16
"""Taps of the detection filter after the first; fewer where the rate is low."""


def through(samples: Array, taps: Array) -> Array:
    """Filter samples (n,) without feedback."""
    return np.convolve(taps, samples)[: len(samples)]


def binned(samples: Array, bin_n: int) -> Array:
    """Mean squares of bins."""
    n = len(samples) // bin_n
    parts = samples[: n * bin_n].reshape(n, bin_n)
    return np.asarray(np.einsum("ij,ij->i", parts, parts) / bin_n)


def runs_of(mask: Index) -> Index:
    """Start and stop (exclusive) of each run of true, (n, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


@lru_cache(maxsize=32)
def _hann(n: int) -> Array:
    return np.hanning(n)


def spectrum(samples: Array, starts: Index, n: int) -> Array:
    """Mean power spectrum of the stretches of n samples that begin at `starts`."""
    found = np.fft.rfft(samples[starts[:, None] + np.arange(n)] * _hann(n), axis=1)
    power = found.real * found.real + found.imag * found.imag
    return np.asarray(power.sum(axis=0) / len(power), np.float64)


def detection_filter(quiet: Array, active: Array) -> tuple[Array, float]:
    """Causal filter that makes a beginning burst stand out of the quiet level, and what a sample of it is worth.

    Its power response is S / (N·(N + S)), S the burst's own spectrum and N the quiet one, scaled so that both have the
    same total: best where the burst is as large as the quiet level, which is where a start is decided. An
    autoregressive model of the inverse makes it short and of minimum phase, so a sudden start stays sudden.

    Parameters
    ----------
    quiet, active : (n_frequencies,) array
        Power spectra of the channel without and with activity.

    Returns
    -------
    taps : (at most ORDER + 1,) array
    worth : float
        Independent values per filtered quiet sample, 0 to 1.
    """
    noise = quiet + 1e-4 * float(quiet.sum()) / len(quiet)
    burst = np.maximum(active - quiet, 1e-3 * active)
    burst = burst * (noise.sum() / burst.sum())
    order = min(ORDER, len(noise) - 1)
    auto = np.fft.irfft(noise * (noise + burst) / burst)[: order + 1]
    auto[0] *= 1.0 + 1e-4
    taps = np.empty(order + 1)
    taps[0], taps[1:] = 1.0, -np.linalg.solve(auto[_toeplitz(order)], auto[1:])
    response = np.fft.rfft(taps, 2 * (len(noise) - 1))
    left = noise * (response.real * response.real + response.imag * response.imag)
    return taps, float(left.sum()) ** 2 / (len(left) * float(left @ left))


@lru_cache(maxsize=8)
def _toeplitz(n: int) -> Index:
    """Which lag stands at each place of the matrix of an autoregressive model, (n, n)."""
    lags = np.arange(n)
    return np.asarray(np.abs(lags[:, None] - lags))


@lru_cache(maxsize=256)
def _templates(gain_db: int, bin_s: float, n: int, grid_n: int, shapes: tuple[int, ...]) -> tuple[Index, Index]:
    """Make what weighs a start at each of the first `grid_n` bins of a window of n, for each rise shape.

    With v, the variance after the start over the quiet one: the conjugate spectra of 1 − 1/v, and the sums of log v
    over what is left of the window, (shapes, grid_n).
    """
    time_s = np.asarray((np.arange(n) + 0.5) * bin_s, np.float64)
    variance = 1.0 + 10.0 ** (gain_db / 10.0) * np.array([_rise(shape, time_s) for shape in shapes]) ** 2
    weight = np.asarray(1.0 - 1.0 / variance, np.float32)
    left = np.cumsum(np.log(variance), axis=1)[:, ::-1][:, :grid_n].astype(np.float32)
    return scipy.fft.rfft(weight, _size(n, grid_n)).conj(), left


@lru_cache(maxsize=32)
def _size(n: int, grid_n: int) -> int:
    """Length of the transforms that correlate a window of n with shapes at `grid_n` starts."""
    return int(scipy.fft.next_fast_len(n + grid_n, real=True))


def _rise(shape: int, time_s: Array) -> Array:
    """Amplitude after the start, 0 to 1: a step, a line, a square, a raised cosine or an exponential."""
    if shape == 0:
        return np.ones(len(time_s))
    rise_s, form = _RISES_S[(shape - 1) // _FORMS], (shape - 1) % _FORMS
    if form == 3:
        return np.asarray(1.0 - np.exp(-3.0 * time_s / rise_s))
    ramp = np.minimum(time_s / rise_s, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * ramp) if form == 2 else ramp ** (form + 1))


def finer(shapes: Index, weights: Array) -> Index:
    """Lengths between those of the likeliest shapes and their neighbours, which are not among `shapes` yet."""
    best = shapes[np.argsort(weights)[-REFINED:]]
    if best[-1] == 0:
        return best[:0]
    near = {
        int(k) + _FORMS * step for k in best if k for step in range(1 - _FINE, _FINE) if (k - 1) // _FORMS + step >= 0
    }
    return np.array(sorted(k for k in near - set(shapes.tolist()) if k <= _FORMS * len(_RISES_S)), int)


def likelihoods(windows: Index, snr_db: Array, bin_s: float, worth: Array, shapes: Index) -> tuple[Array, Array]:
    """Likelihood (rows, shapes, grid) of start and rise shape within a factor for each row, and the log of those."""
    gains_db = np.clip(2 * np.round(snr_db / 2.0), -4, 46).astype(int).tolist()
    n = windows.shape[1]
    grid_n, chosen = n - round(0.3 * AFTER_S / bin_s), tuple(shapes.tolist())
    size = _size(n, grid_n)
    pairs = [_templates(gain_db, bin_s, n, grid_n, chosen) for gain_db in gains_db]
    alike = len(set(gains_db)) == 1
    shape, left = pairs[0] if alike else map(np.stack, zip(*pairs, strict=True))
    found = scipy.fft.irfft(scipy.fft.rfft(windows, size)[:, None, :] * shape, size)[:, :, :grid_n] - left
    found *= (0.5 * TEMPER * worth).astype(np.float32)[:, None, None]
    top = found.max(axis=(1, 2), keepdims=True)
    found -= top
    np.exp(found, out=found)
    return found, top[:, :, 0]


def evidences(windows: Index, snr_db: Array, bin_s: float, worth: Array, shapes: Index) -> Array:
    """Log evidence (rows, shapes) of each rise shape, whenever it starts."""
    found, top = likelihoods(windows, snr_db, bin_s, worth, shapes)
    return np.asarray(np.log(found.sum(axis=2) + 1e-30) + top)


def shape_weights(log_evidence: Array) -> Array:
    """Weights of the rise shapes that explain all starts of a channel together.

    One shape for all is the first guess; steps of expectation-maximisation let starts differ.
    """
    shared = log_evidence.sum(axis=0)
    shared[0] += STEP_PRIOR * len(log_evidence)
    weight = np.exp(shared - shared.max())
    weight /= weight.sum()
    for _ in range(EM_STEPS):
        share = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True)) * weight
        weight = (share / share.sum(axis=1, keepdims=True)).sum(axis=0) + FLOOR / len(weight)
        weight /= weight.sum()
    return np.asarray(weight)


def _medians(density: Array, bin_s: float) -> tuple[Array, Array]:
    """Median and half of the central 68 % of each row's posterior, in s from the grid's first bin."""
    share = np.cumsum(density, axis=1, dtype=np.float64)
    share /= share[:, -1:]
    rows = np.arange(len(share))[:, None]
    after = (share[:, None] <= _SHARES[:, None]).sum(axis=2)
    low, high = share[rows, np.maximum(after - 1, 0)], share[rows, after]
    between = np.where(after > 0, (_SHARES - low) / np.where(after > 0, high - low, 1.0), 1.0)
    points = (after + between) * bin_s - 0.5 * bin_s
    return points[:, 1], np.hypot(SIGMA_FACTOR * 0.5 * (points[:, 2] - points[:, 0]), bin_s / math.sqrt(12.0))


def placed(
    windows: Index, snr_db: Array, bin_s: float, worth: Array, shapes: Index, weights: Array
) -> tuple[Array, Array]:
    """Median and standard uncertainty of the start in each window (rows, n), in s from the window's first bin.

    Each row has an SNR, and what a bin of it is `worth` in independent values.
    """
    said, density = weights.astype(np.float32), []
    for row in range(0, len(windows), ROWS):
        rows = slice(row, row + ROWS)
        found, _top = likelihoods(windows[rows], snr_db[rows], bin_s, worth[rows], shapes)
        density.append(np.einsum("rsg,s->rg", found, said))
    return _medians(np.concatenate(density), bin_s)


def _ninetieth(values: Array) -> float:
    """90th percentile of (n,), n >= 1, between its neighbours by a straight line."""
    ordered = np.sort(values)
    at, between = divmod(0.9 * (len(ordered) - 1), 1.0)
    low, high = float(ordered[int(at)]), float(ordered[min(int(at) + 1, len(ordered) - 1)])
    return low + between * (high - low)


def time_of_share(energy: Array, start: int, bin_s: float, quiet: float, share: float = 0.10) -> float:
    """When the 5 Hz envelope passes a share of the way from the quiet level to its plateau, s; zero phase."""
    step = max(1, round(0.01 / bin_s))
    rows = energy[: len(energy) // step * step].reshape(-1, step)
    envelope = smoothed(np.sqrt(rows.mean(axis=1)), 5.0, 1.0 / (step * bin_s))
    begin = start // step
    plateau = _ninetieth(envelope[begin : begin + round(1.0 / (step * bin_s))])
    half = np.flatnonzero(envelope[begin:] >= 0.5 * (quiet + plateau))
    last = begin + (int(half[0]) if len(half) else 0)
    below = np.flatnonzero(envelope[: last + 1] < quiet + share * (plateau - quiet))
    return (float(below[-1]) + 1.0) * step * bin_s if len(below) else math.nan
