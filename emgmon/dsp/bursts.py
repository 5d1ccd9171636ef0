"""Bursts of activity in filtered EMG of one channel, each with the uncertainty of its start.

A candidate comes from smoothed energy against the quiet level; `emgmon.dsp.rises` then weighs every start around it.
The rise shapes' weights are learnt from all bursts of the channel. Everything here is offline; times are those of the
signal that is given, whose own delay is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emgmon.dsp.rises import (
    AFTER_S,
    BIN_S,
    EVERY_SHAPE,
    KEPT_SHAPES,
    LEARN_FROM,
    LEAST_BURST,
    Index,
    binned,
    detection_filter,
    evidences,
    finer,
    placed,
    runs_of,
    shape_weights,
    spectrum,
    through,
)
from emgmon.model import Array


@dataclass(frozen=True, slots=True)
class OnsetSettings:
    """What counts as a start.

    Attributes
    ----------
    smooth_s : float
        Length of the energy window for candidates: longer finds weaker bursts and joins near ones.
    k_sd : float
        Threshold in standard deviations of the quiet level (of the logarithm of energy). 6 where the heart shows in
        the quiet level; lower finds bursts no larger than the noise.
    min_s : float
        A burst is above the threshold at least this long.
    min_gap_s : float
        Bursts nearer than this are one.
    reach_s : float
        The start is sought this far before and after its candidate.
    """

    smooth_s: float = 0.20
    k_sd: float = 4.5
    min_s: float = 0.05
    min_gap_s: float = 0.15
    reach_s: float = 0.35


class Bursts(NamedTuple):
    """Starts and ends of activity in s from the first sample, (n,) each.

    `sigma_s` is the standard uncertainty of the start, `snr_db` the burst's level over the quiet level.
    """

    onset_s: Array
    offset_s: Array
    sigma_s: Array
    snr_db: Array


def find_bursts(filtered: Array, fs_hz: float, settings: OnsetSettings | None = None) -> Bursts:
    """Find all bursts of one channel; offline.

    Parameters
    ----------
    filtered : (n,) array
        Band-passed EMG in any unit; NaN where lost.
    fs_hz : float
    settings : OnsetSettings, optional

    Returns
    -------
    Bursts
    """
    chosen = settings or OnsetSettings()
    samples = np.nan_to_num(filtered)
    bin_n = max(1, round(BIN_S * fs_hz))
    bin_s = bin_n / fs_hz
    spans, quiet = _candidates(binned(samples, bin_n), bin_s, chosen)
    if not len(spans):
        return Bursts(*np.empty((4, 0)))
    taps, worth = _fitted_filter(samples, spans, quiet, bin_n, fs_hz)
    energy = binned(through(samples, taps), bin_n)
    quiet_energy = max(float(np.mean(energy[quiet])), 1e-30)
    energy[binned(np.isnan(filtered).astype(np.float64), bin_n) > 0] = quiet_energy
    return _refined(energy / quiet_energy, spans, bin_s, bin_n * worth, chosen)


def _candidates(energy: Array, bin_s: float, settings: OnsetSettings) -> tuple[Index, Index]:
    """Spans of bins (n, 2) above the threshold, and which bins are quiet (mask)."""
    width = max(1, round(settings.smooth_s / bin_s))
    if len(energy) < 4 * width:
        return np.empty((0, 2), np.intp), np.zeros(len(energy), bool)
    total = np.concatenate([[0.0], np.cumsum(energy)])
    edge = np.clip(np.arange(len(energy))[:, None] + (-(width // 2), width - width // 2), 0, len(energy))
    smooth = (total[edge[:, 1]] - total[edge[:, 0]]) / (edge[:, 1] - edge[:, 0])
    level = np.log(np.maximum(smooth, 1e-12 * max(float(smooth.max()), 1e-30)))
    centre, sd = _quiet_level(level[:: max(1, width // 4)])
    above = level > centre + settings.k_sd * sd
    inner = level > centre + 0.5 * settings.k_sd * sd
    spans = runs_of(inner)
    spans = spans[[above[start:stop].sum() * bin_s >= settings.min_s for start, stop in spans]]
    if len(spans) > 1:
        apart = (spans[1:, 0] - spans[:-1, 1]) * bin_s > settings.min_gap_s
        starts, stops = np.concatenate([[True], apart]), np.concatenate([apart, [True]])
        spans = np.column_stack([spans[starts, 0], spans[stops, 1]])
    return spans, np.abs(level - centre) < 2.5 * sd


def _quiet_level(level: Array) -> tuple[float, float]:
    """Mode of log energies (middle of their narrowest fifth) and the standard deviation on its lower side."""
    ordered = np.sort(level)
    share = max(2, len(ordered) // 5)
    width = ordered[share:] - ordered[:-share]
    narrowest = int(np.argmin(width[: max(1, len(width) * 3 // 4)]))
    centre = float(np.median(ordered[narrowest : narrowest + share]))
    below = ordered[ordered < centre] - centre
    return centre, max(-float(np.quantile(below, 0.32)) if len(below) else 0.0, 0.02)


def _fitted_filter(samples: Array, spans: Index, quiet: Index, bin_n: int, fs_hz: float) -> tuple[Array, float]:
    """Fit the detection filter to stretches of the channel's own quiet and active parts."""
    n = 2 * round(0.032 * fs_hz)
    last = len(samples) - n
    chosen = np.flatnonzero(quiet)
    calm = chosen[:: max(1, len(chosen) // 200)] * bin_n
    active = np.concatenate([np.arange(a * bin_n + n, b * bin_n - n, n)[:8] for a, b in spans[:32]])
    if not len(active):
        active = spans[:32].mean(axis=1).astype(int) * bin_n
    return detection_filter(*(spectrum(samples, np.minimum(part, last), n) for part in (calm, active)))


def _refined(energy: Array, spans: Index, bin_s: float, worth: float, settings: OnsetSettings) -> Bursts:
    """Place each start by the likelihood; `energy` is 1 on average where quiet."""
    before, after = round(settings.reach_s / bin_s), round(AFTER_S / bin_s)
    padded = np.concatenate([np.ones(before), energy, np.ones(after)]).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, before + after)[spans[:, 0]]
    level = np.array([np.mean(energy[(a + min(b, a + after)) // 2 : min(b, a + after)]) for a, b in spans])
    snr_db = np.asarray(10.0 * np.log10(np.maximum(level - 1.0, LEAST_BURST)))
    worths = np.full(len(spans), worth)
    learn = np.unique(np.linspace(0, len(spans) - 1, min(LEARN_FROM, len(spans))).astype(int))
    evidence = evidences(windows[learn], snr_db[learn], bin_s, worths[learn], EVERY_SHAPE)
    between = finer(EVERY_SHAPE, shape_weights(evidence))
    shapes = np.concatenate([EVERY_SHAPE, between])
    if len(between):
        evidence = np.hstack([evidence, evidences(windows[learn], snr_db[learn], bin_s, worths[learn], between)])
    weights = shape_weights(evidence)
    kept = np.sort(np.argsort(weights)[-KEPT_SHAPES:])
    at_s, sigma_s = placed(windows, snr_db, bin_s, worths, shapes[kept], weights[kept])
    return Bursts(at_s + (spans[:, 0] - before) * bin_s, spans[:, 1] * bin_s, sigma_s, snr_db)
