"""When a muscle starts: the onset of activity near a movement, with its uncertainty.

A candidate comes from smoothed energy against the quiet level; `emgmon.dsp.rises` then weighs every start around it,
all rise shapes alike. Everything here is offline; times are those of the signal that is given, whose own delay is the
caller's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from emgmon.dsp.rises import (
    AFTER_S,
    BIN_S,
    FEW_SHAPES,
    LEAST_BURST,
    Index,
    binned,
    detection_filter,
    placed,
    runs_of,
    spectrum,
    through,
    time_of_share,
)
from emgmon.model import Array

NO_ONSET = "no discrete onset"


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
    """A start that was found, and what `start_times` needs to place it again as if it stood out less.

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
LOOK_S = 1.5
SEARCH_S, REACH_S = 0.6, 0.35
TONIC = 3.0
NEAR_SD = 4.5
DRAWS = 20
NEAR_WORTH = 300.0
"""Independent values a second of unfiltered EMG is worth."""


def rise_near(
    filtered: Array,
    fs_hz: float,
    movement_s: float,
    *,
    noise: float = math.nan,
    look_s: float = LOOK_S,
) -> tuple[Onset, Rise | None]:
    """Find the activity that goes with a movement, whose start is still to be placed; offline.

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
        `onset_s` and `sigma_s` are NaN.
    Rise or None
        What `start_times` takes; None where no start can be placed.
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
    raw = binned(samples, bin_n)
    quiet = _quietest(raw, movement_s, bin_s, look_s)
    level = float(raw[quiet].sum()) / (quiet.stop - quiet.start)
    if not level > 0.0:
        return NOTHING._replace(flag="signal lost"), None
    start = _first_above(raw / level, movement_s, bin_s)
    burst = raw[start : start + 2 * round(AFTER_S / bin_s)] if start else raw[:0]
    snr_db = _out_db(float(burst.sum()) / len(burst) / level) if start else -15.0
    if start is None or math.sqrt(level) > TONIC * noise:
        return NOTHING._replace(snr_db=snr_db, flag=NO_ONSET), None
    rise = _rise_at(samples, (quiet.start, quiet.stop), start, bin_n, fs_hz)
    return NOTHING._replace(snr_db=snr_db, t10_s=time_of_share(raw, start, bin_s, math.sqrt(level))), rise


def onset_near(
    filtered: Array, fs_hz: float, movement_s: float, *, noise: float = math.nan, look_s: float = LOOK_S
) -> Onset:
    """Find the start of the activity that goes with a movement, as `rise_near`, and place it; offline."""
    found, rise = rise_near(filtered, fs_hz, movement_s, noise=noise, look_s=look_s)
    ((at_s, sigma_s),) = start_times([(rise, math.nan)]) if rise else [(math.nan, math.nan)]
    return found._replace(onset_s=at_s, sigma_s=sigma_s)


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
    part = ratio[begin : last + width]
    total = np.concatenate([np.zeros(width // 2 + 1), np.cumsum(part), np.full(width, part.sum())])
    smooth = (total[width : width + len(part)] - total[: len(part)]) / width
    sd = math.sqrt(2.0 / (NEAR_WORTH * 0.08))
    above = np.log(np.maximum(smooth[first - begin : last - begin], 1e-12)) > NEAR_SD * sd
    for start, stop in runs_of(above):
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
    shown = through(samples, taps)
    still = shown[calm[0] : calm[-1] + n]
    shown /= math.sqrt(max(float((still * still).sum()) / len(still), 1e-30))
    before, after = round(REACH_S / bin_s), round(AFTER_S / bin_s)
    begin = max(start - before, 0)
    part = shown[begin * bin_n : (begin + before + after) * bin_n]
    late = part[min((before + after // 2) * bin_n, len(part) - n) :]
    burst = max(float((late * late).sum()) / len(late) - 1.0, 1e-3)
    return Rise(part, begin * bin_s, bin_n, bin_s, worth, burst)


@lru_cache(maxsize=4)
def _draws(n: int) -> Array:
    """Noise that is added to a clean channel, (DRAWS, n); the same each time."""
    return np.random.default_rng(0).standard_normal((DRAWS, n))


def start_times(asked: Sequence[tuple[Rise, float]]) -> list[tuple[float, float]]:
    """Place the starts of rises, all shapes alike; offline, vectorised.

    Parameters
    ----------
    asked : sequence of (Rise, float)
        A rise, and an SNR in dB or NaN. Below the rise's own SNR noise is added until the burst stands out by this
        only, and the start is the mean over several draws. So a clean channel and a noisy one are late by the same
        amount.

    Returns
    -------
    list of (float, float)
        The start in s from the first sample of the stretch, and its standard uncertainty.
    """
    shown = [_shown(rise, snr_db) for rise, snr_db in asked]
    alike: dict[tuple[float, int], list[int]] = {}
    for k, ((rise, _snr_db), (windows, _level)) in enumerate(zip(asked, shown, strict=True)):
        alike.setdefault((rise.bin_s, windows.shape[1]), []).append(k)
    found = [(math.nan, math.nan)] * len(asked)
    for (bin_s, _n), places in alike.items():
        counts = [len(shown[k][0]) for k in places]
        at_s, sigma_s = placed(
            np.concatenate([shown[k][0] for k in places]),
            np.repeat([_out_db(shown[k][1]) for k in places], counts),
            bin_s,
            np.repeat([asked[k][0].bin_n * asked[k][0].worth for k in places], counts),
            FEW_SHAPES,
            np.ones(len(FEW_SHAPES)),
        )
        last = 0
        for k, count in zip(places, counts, strict=True):
            first, last = last, last + count
            at, sigma = (float(each[first:last].sum()) / count for each in (at_s, sigma_s))
            found[k] = asked[k][0].first_s + at, sigma
    return found


def _shown(rise: Rise, snr_db: float) -> tuple[Index, float]:
    """Mean squares of a rise's bins, (draws, n), and of the burst; noise is added down to an SNR that is not NaN."""
    added = max(rise.burst / 10.0 ** (snr_db / 10.0) - 1.0, 0.0) if math.isfinite(snr_db) else 0.0
    rows = rise.shown[None]
    if added > 0.0:
        rows = rise.shown + math.sqrt(added) * _draws(rows.shape[1])
    n, there = (round(REACH_S / rise.bin_s) + round(AFTER_S / rise.bin_s)) * rise.bin_n, rows.shape[1]
    if there < n:
        rows = np.concatenate([rows, rows[:, 2 * there - n :]], axis=1)
    bins = (rows * rows).reshape(len(rows), -1, rise.bin_n)
    total = sum(bins[:, :, k] for k in range(rise.bin_n)) / rise.bin_n
    return np.asarray(np.asarray(total, np.float32) / (1.0 + added), np.float32), 1.0 + rise.burst / (1.0 + added)


def _out_db(level: float) -> float:
    """Level of a burst over the quiet one, dB, from the energy with both in it."""
    return 10.0 * math.log10(max(level - 1.0, LEAST_BURST))
