"""When a muscle starts: bursts in filtered EMG, and the onset near a movement, each with its uncertainty.

A candidate comes from smoothed energy against the quiet level; `emgmon.dsp.rises` then weighs every start around it.
The rise shapes' weights are learnt from all bursts of a channel where there are many, and are alike for a single start.
Everything here is offline; times are those of the signal that is given, whose own delay is the caller's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from emgmon.dsp.rises import (
    AFTER_S,
    EVERY_SHAPE,
    FEW_SHAPES,
    KEPT_SHAPES,
    LEARN_FROM,
    Index,
    detection_filter,
    evidences,
    finer,
    placed,
    shape_weights,
    snr_db_of,
    spectrum,
    time_of_share,
)
from emgmon.model import Array

NO_ONSET = "no discrete onset"


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


class Onset(NamedTuple):
    """Start of a movement's activity, s from the first sample.

    `sigma_s` is its standard uncertainty, `snr_db` the level after over the level before, `t10_s` when the slow
    envelope reaches a tenth of its plateau. Without a start the times are NaN and `flag` says why.
    """

    onset_s: float
    sigma_s: float
    snr_db: float
    t10_s: float
    flag: str = ""


class Rise(NamedTuple):
    """A start that was found, and what `start_of` needs to place it again as if it stood out less.

    Attributes
    ----------
    shown : (n,) array
        Samples around it, filtered so that the burst stands out; the quiet level's mean square is 1.
    first_s : float
        The first of them, s from the first sample of the stretch.
    bin_n : int
        Samples that are taken together.
    bin_s : float
    worth : float
        Independent values in such a sample.
    burst : float
        Mean square of the burst over that of the quiet level.
    """

    shown: Array
    first_s: float
    bin_n: int
    bin_s: float
    worth: float
    burst: float


NOTHING = Onset(math.nan, math.nan, math.nan, math.nan)
BIN_S = 0.002
LOOK_S = 1.5
SEARCH_S, REACH_S = 0.6, 0.35
TONIC = 3.0
NEAR_SD = 4.5
DRAWS = 20
NEAR_WORTH = 300.0
"""Independent values a second of unfiltered EMG is worth."""


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
    spans, quiet = _candidates(_binned(samples, bin_n), bin_s, chosen)
    if not len(spans):
        return Bursts(*np.empty((4, 0)))
    taps, worth = _fitted_filter(samples, spans, quiet, bin_n, fs_hz)
    energy = _binned(_through(samples, taps), bin_n)
    quiet_energy = max(float(np.mean(energy[quiet])), 1e-30)
    energy[_binned(np.isnan(filtered).astype(np.float64), bin_n) > 0] = quiet_energy
    return _refined(energy / quiet_energy, spans, bin_s, bin_n * worth, chosen)


def _through(samples: Array, taps: Array) -> Array:
    """Filter samples (n,) without feedback."""
    return np.convolve(taps, samples)[: len(samples)]


def _binned(samples: Array, bin_n: int) -> Array:
    """Mean squares of bins."""
    n = len(samples) // bin_n
    parts = samples[: n * bin_n].reshape(n, bin_n)
    return np.asarray(np.einsum("ij,ij->i", parts, parts) / bin_n)


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
    spans = _runs(inner)
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


def _runs(mask: Index) -> Index:
    """Start and stop (exclusive) of each run of true, (n, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


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
    snr_db = snr_db_of(level)
    learn = np.unique(np.linspace(0, len(spans) - 1, min(LEARN_FROM, len(spans))).astype(int))
    evidence = evidences(windows[learn], snr_db[learn], bin_s, worth, EVERY_SHAPE)
    between = finer(EVERY_SHAPE, shape_weights(evidence))
    shapes = np.concatenate([EVERY_SHAPE, between])
    if len(between):
        evidence = np.hstack([evidence, evidences(windows[learn], snr_db[learn], bin_s, worth, between)])
    weights = shape_weights(evidence)
    kept = np.sort(np.argsort(weights)[-KEPT_SHAPES:])
    at_s, sigma_s = placed(windows, snr_db, bin_s, worth, shapes[kept], weights[kept])
    return Bursts(at_s + (spans[:, 0] - before) * bin_s, spans[:, 1] * bin_s, sigma_s, snr_db)


def rise_near(
    filtered: Array,
    fs_hz: float,
    movement_s: float,
    *,
    noise: float = math.nan,
    look_s: float = LOOK_S,
) -> tuple[Onset, Rise | None]:
    """Find the start of the activity that goes with a movement; offline.

    Parameters
    ----------
    filtered : (n,) array
        Band-passed EMG from 1.5 s or more before the movement to 1 s or more after its start; NaN where lost.
    fs_hz : float
    movement_s : float
        When the movement starts, s from the first sample; the onset is sought within 0.6 s of it.
    noise : float
        RMS of the relaxed channel. A quiet level of more than three times that is tonic activity.
    look_s : float
        How much there must be before the movement, in which the quietest half second (or two thirds of it, where it is
        shorter) is the quiet level; from 0.3 on. Shorter finds starts at the very beginning of a recording, and takes
        for quiet what may not be.

    Returns
    -------
    Onset
    Rise or None
        What `start_of` takes; None where no start could be placed.
    """
    bin_n = max(1, round(BIN_S * fs_hz))
    bin_s = bin_n / fs_hz
    if movement_s < look_s or len(filtered) / fs_hz < movement_s + SEARCH_S + 0.2:
        return NOTHING._replace(flag="too little signal"), None
    samples = filtered
    if not np.isfinite(filtered).all():
        if np.isnan(filtered).mean() > 0.05:
            return NOTHING._replace(flag="signal lost"), None
        samples = np.nan_to_num(filtered)
    raw = _binned(samples, bin_n)
    quiet = _quietest(raw, movement_s, bin_s, look_s)
    level = float(raw[quiet].mean())
    if not level > 0.0:
        return NOTHING._replace(flag="signal lost"), None
    start = _first_above(raw / level, movement_s, bin_s)
    after = round(AFTER_S / bin_s)
    snr_db = float(snr_db_of(np.array(raw[start or 0 : (start or 0) + 2 * after].mean() / level))) if start else -15.0
    if start is None or math.sqrt(level) > TONIC * noise:
        return NOTHING._replace(snr_db=snr_db, flag=NO_ONSET), None
    rise = _rise_at(samples, (quiet.start, quiet.stop), start, bin_n, fs_hz)
    at_s, sigma_s = start_of(rise) if rise else (math.nan, math.nan)
    t10_s = time_of_share(raw, start, bin_s, math.sqrt(level))
    return Onset(at_s, sigma_s, snr_db, t10_s), rise


def onset_near(
    filtered: Array, fs_hz: float, movement_s: float, *, noise: float = math.nan, look_s: float = LOOK_S
) -> Onset:
    """Find the start of the activity that goes with a movement, as `rise_near`; offline."""
    return rise_near(filtered, fs_hz, movement_s, noise=noise, look_s=look_s)[0]


def _quietest(energy: Array, movement_s: float, bin_s: float, look_s: float) -> slice:
    """Bins of the quietest half second in the time before the movement."""
    width = round(min(0.5, 2.0 / 3.0 * look_s) / bin_s)
    first, last = round((movement_s - look_s) / bin_s), round(movement_s / bin_s)
    total = np.concatenate([[0.0], np.cumsum(energy[first:last])])
    begin = first + int(np.argmin(total[width:] - total[:-width]))
    return slice(begin, begin + width)


def _first_above(ratio: Array, movement_s: float, bin_s: float) -> int | None:
    """First bin near the movement from which smoothed energy stays above the threshold; None when there is none."""
    width = round(0.08 / bin_s)
    first, last = max(0, round((movement_s - SEARCH_S) / bin_s)), round((movement_s + SEARCH_S) / bin_s)
    begin = max(0, first - width)
    smooth = np.convolve(ratio[begin : last + width], np.full(width, 1.0 / width), "same")
    sd = math.sqrt(2.0 / (NEAR_WORTH * 0.08))
    above = np.log(np.maximum(smooth[first - begin : last - begin], 1e-12)) > NEAR_SD * sd
    for start, stop in _runs(above):
        if (stop - start) * bin_s >= 0.05:
            return first + int(start)
    return None


def _rise_at(samples: Array, quiet: tuple[int, int], start: int, bin_n: int, fs_hz: float) -> Rise | None:
    """Show the rise around the candidate bin by a filter fitted to it; None when too little of the burst is there."""
    bin_s, n = bin_n / fs_hz, 2 * round(0.032 * fs_hz)
    calm = np.arange(quiet[0] * bin_n, quiet[1] * bin_n - n + 1, n // 2)
    active = np.arange(start * bin_n + n, len(samples) - n + 1, n // 2)[:24]
    if not len(active):
        return None
    taps, worth = detection_filter(spectrum(samples, calm, n), spectrum(samples, active, n))
    shown = _through(samples, taps)
    shown /= math.sqrt(max(float((shown[calm[0] : calm[-1] + n] ** 2).mean()), 1e-30))
    before, after = round(REACH_S / bin_s), round(AFTER_S / bin_s)
    begin = max(start - before, 0)
    part = shown[begin * bin_n : (begin + before + after) * bin_n]
    burst = max(float((part[(before + after // 2) * bin_n :] ** 2).mean()) - 1.0, 1e-3)
    return Rise(part, begin * bin_s, bin_n, bin_s, worth, burst)


@lru_cache(maxsize=4)
def _draws(n: int) -> Array:
    """Noise that is added to a clean channel, (DRAWS, n); the same each time."""
    return np.random.default_rng(0).standard_normal((DRAWS, n))


def start_of(rise: Rise, snr_db: float = math.nan) -> tuple[float, float]:
    """Place the start of a rise, all shapes alike; offline.

    Parameters
    ----------
    rise : Rise
    snr_db : float
        Below the channel's own SNR: noise is added until the burst stands out by this only, and the start is the mean
        over several draws. So a clean channel and a noisy one are late by the same amount.

    Returns
    -------
    float, float
        The start in s from the first sample of the stretch, and its standard uncertainty.
    """
    added = max(rise.burst / 10.0 ** (snr_db / 10.0) - 1.0, 0.0) if math.isfinite(snr_db) else 0.0
    rows = rise.shown[None]
    if added > 0.0:
        rows = rise.shown + math.sqrt(added) * _draws(rows.shape[1])
    n, there = (round(REACH_S / rise.bin_s) + round(AFTER_S / rise.bin_s)) * rise.bin_n, rows.shape[1]
    if there < n:
        rows = np.concatenate([rows, rows[:, 2 * there - n :]], axis=1)
    bins = (rows * rows).reshape(len(rows), -1, rise.bin_n)
    total = sum(bins[:, :, k] for k in range(rise.bin_n)) / rise.bin_n
    windows = np.asarray(total, np.float32) / (1.0 + added)
    shown_db = np.full(len(rows), float(snr_db_of(np.array(1.0 + rise.burst / (1.0 + added)))))
    weights = np.ones(len(FEW_SHAPES))
    at_s, sigma_s = placed(windows, shown_db, rise.bin_s, rise.bin_n * rise.worth, FEW_SHAPES, weights)
    return rise.first_s + float(at_s.mean()), float(sigma_s.mean())
